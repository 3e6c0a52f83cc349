// What a change changes, field by field: read by people who must answer for it, so nothing is left out and nothing is only a colour.
import { differences } from '#client'
import css from './difference.module.css'

export function Difference({ before, after, empty }: { before: unknown; after: unknown; empty?: string }) {
  const found = differences(before, after)
  if (found.length === 0) return <p className={css.none}>{empty ?? 'Nothing differs.'}</p>
  return (
    <div className={css.scroll}>
      {/* The roles are said outright, since on a phone the rows are laid out otherwise. */}
      <table className={css.table} aria-label="Differences" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Field
            </th>
            <th scope="col" role="columnheader">
              Before
            </th>
            <th scope="col" role="columnheader">
              After
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {found.map(({ path, from, to }) => (
            <tr key={path} role="row">
              <th scope="row" role="rowheader">
                {path}
              </th>
              <td role="cell">{from === undefined ? <span className={css.absent}>not set</span> : <del>{from}</del>}</td>
              <td role="cell">{to === undefined ? <span className={css.absent}>removed</span> : <ins>{to}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
