// What a change changes, field by field: read by people who must answer for it, so nothing is left out and nothing is only a colour.
import { differences } from '#client'
import css from './difference.module.css'

export function Difference({ before, after, empty }: { before: unknown; after: unknown; empty?: string }) {
  const found = differences(before, after)
  if (found.length === 0) return <p className={css.none}>{empty ?? 'Nothing differs.'}</p>
  return (
    <div className={css.scroll}>
      <table className={css.table} aria-label="Differences">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ path, from, to }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>{from === undefined ? <span className={css.absent}>not set</span> : <del>{from}</del>}</td>
              <td>{to === undefined ? <span className={css.absent}>removed</span> : <ins>{to}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
