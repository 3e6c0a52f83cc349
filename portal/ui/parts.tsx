// A whole and its parts, as one bar: for people who would rather look than read. The numbers stand beside it in words.
import { count } from './format.ts'
import type { Tone } from './state.tsx'
import css from './parts.module.css'

export type Part = { name: string; value: number; tone: Tone }

export function Parts({ label, parts, legend = true }: { label: string; parts: readonly Part[]; legend?: boolean }) {
  const shown = parts.filter(({ value }) => value > 0)
  const whole = shown.reduce((sum, { value }) => sum + value, 0)
  const told = shown.map(({ name, value }) => `${count(value)} ${name}`).join(', ')
  return (
    <div className={css.parts}>
      <div className={css.bar} role="img" aria-label={`${label}: ${told || 'nothing yet'}`}>
        {shown.map(({ name, value, tone }) => (
          <span key={name} data-tone={tone} style={{ flexGrow: value / whole }} title={`${count(value)} ${name}`} />
        ))}
      </div>
      {legend && (
        <ul className={css.legend} aria-hidden>
          {shown.map(({ name, value, tone }) => (
            <li key={name}>
              <span className={css.dot} data-tone={tone} /> {count(value)} {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
