import type { ReactNode } from 'react'
import css from './table.module.css'

type Columns<Row> = Record<string, (row: Row) => ReactNode>
type TableProps<Row> = {
  label: string
  rows: readonly Row[]
  rowKey: (row: Row) => string
  columns: Columns<Row>
  /** Acts on one row, at its end; they have their own names. */
  end?: (row: Row) => ReactNode
  empty: ReactNode
  /** A convenience for the mouse: the row's first cell holds the link or button that everyone else uses. */
  onOpen?: (row: Row) => void
}

/** On a phone each row becomes a small card, its cells named by their column. */
export function Table<Row>({ label, rows, rowKey, columns, end, empty, onOpen }: TableProps<Row>) {
  if (rows.length === 0) return <>{empty}</>
  const named = Object.entries(columns)
  return (
    <div className={css.scroll}>
      {/* The roles are said outright: as cards on a phone, the elements no longer are what they look like to a screen reader. */}
      <table className={css.table} aria-label={label} role="table">
        <thead role="rowgroup">
          <tr role="row">
            {named.map(([name]) => (
              <th key={name} scope="col" role="columnheader">
                {name}
              </th>
            ))}
            {end && <th scope="col" role="columnheader" className={css.end} aria-label="Actions" />}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr
              role="row"
              key={rowKey(row)}
              className={onOpen ? css.open : undefined}
              onClick={onOpen && ((event) => opensRow(event.target) && onOpen(row))}
            >
              {named.map(([name, cell]) => (
                <td key={name} data-label={name} role="cell">
                  <div className={css.cell}>{cell(row)}</div>
                </td>
              ))}
              {end && (
                <td className={css.end} role="cell">
                  {end(row)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Clicks on a control are the control's; clicks while text is selected are a selection. */
const opensRow = (target: EventTarget): boolean =>
  target instanceof Element && !target.closest('a, button, input, label, [role="menu"]') && String(getSelection()) === ''
