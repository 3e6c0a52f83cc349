// News between processes on one database: what is told to a channel (NOTIFY) in a transaction is heard here when it has committed.
import type pg from 'pg'

const reconnectMs = 250

/** Also rings, and says nothing, when the connection was lost and is found again: what was told meanwhile was missed. */
export const listenTo = async (
  pool: pg.Pool,
  channel: string,
  heard: (said: string) => void,
): Promise<{ stop(): Promise<void> }> => {
  let stopping = false
  let client: pg.PoolClient | undefined
  const listen = async (): Promise<void> => {
    const found = await pool.connect()
    try {
      await found.query(`listen ${channel}`)
    } catch (error) {
      found.release(true)
      throw error
    }
    client = found
    client.on('notification', ({ payload = '' }) => heard(payload))
    client.once('error', lost)
    heard('')
    if (stopping) release()
  }
  const release = (): void => {
    client?.release(true)
    client = undefined
  }
  const lost = (): void => {
    release()
    heard('')
    again()
  }
  const again = (): void => {
    if (!stopping) setTimeout(() => void listen().catch(again), reconnectMs).unref()
  }
  await listen()
  return {
    stop: async () => {
      stopping = true
      release()
    },
  }
}
