// What is gone, for rooms that remember something of it: they may tell it to whoever may still read its history.
import { sql, type RawBuilder } from 'kysely'

/** Where policy looks when it filters what `goneAt` finds: as it lay at last, and as it was labelled when it was spoken of. */
export const goneColumns = { scope: 'gone.scope_id', labels: 'gone.labels', rank: 'gone.rank', caveats: 'gone.caveats' }
export const goneThenColumns = { ...goneColumns, rank: 'gone.rank_then', caveats: 'gone.caveats_then' }

/** A query of one row, to be joined as `gone`: the thing named by a column, if it was deleted and the scope it lay in is there. Columns are named, never values. */
export const goneAt = (of: { id: string; at: string }): RawBuilder<unknown> => sql`
  select last.kind, last.name, last.scope_id, place.path, last.labels, last.rank, last.caveats, was.rank as rank_then, was.caveats as caveats_then
  from (select * from resource_revision where resource_id = ${sql.ref(of.id)} order by generation desc limit 1) last
    join policy_scope place on place.id = last.scope_id
    cross join lateral (select rank, caveats from resource_revision
      where resource_id = last.resource_id and at <= ${sql.ref(of.at)} order by generation desc limit 1) was
  where last.change = 'deleted'`
