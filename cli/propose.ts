// A request that others must approve, put before them as a change set instead of being made.
import { client } from './session.ts'
import { good, show, type Output } from './output.ts'

export type Wanted = { operationId: string; path?: Record<string, string>; query?: Record<string, string>; body?: unknown }
export type Proposing = { propose?: boolean; reason?: string }

export const propose = async (output: Output, wanted: Wanted, reason: string | undefined): Promise<void> => {
  if (reason === undefined) throw new Error('Who approves reads why first: say it with --reason.')
  const made = await client().changeSetCreate({ body: { ...wanted, reason } as never }) // the site checks the request by trying it
  show(
    output,
    made,
    ({ id }) =>
      `${good('Asked')}: ${id}. Nothing is changed until others approve; \`holdfast change show ${id}\` shows how far it is.`,
  )
}
