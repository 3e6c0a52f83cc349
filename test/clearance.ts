// Clears a person in a test, as set-up clears the first owner.
import { sql } from 'kysely'
import { labelScope, rootScope } from '#policy'
import { atomically, systemContext, type Label } from '#platform/context.ts'
import type { Caller, TestApp } from './app.ts'

export const clear = (app: TestApp, who: Caller, { rank, caveats = [] }: { rank: number; caveats?: string[] }): Promise<void> =>
  atomically(systemContext(app.app.site, 'test'), async (tx) => {
    await sql`insert into policy_clearance (id, principal_id, rank, caveats) values (${`clearance_${who.userId}`}, ${who.userId}, ${rank}, ${caveats})
      on conflict (principal_id) do update set rank = excluded.rank, caveats = excluded.caveats`.execute(tx.db)
    await labelScope(tx, (await rootScope(tx))!.id, bottom) // tells every cache that facts changed
  })

export const caveat = (app: TestApp, name: string): Promise<void> =>
  atomically(systemContext(app.app.site, 'test'), async (tx) => {
    await sql`insert into policy_caveat (name, title) values (${name}, ${name})`.execute(tx.db)
    await labelScope(tx, (await rootScope(tx))!.id, bottom)
  })

const bottom: Label = { rank: 0, caveats: [] }
