import { Copy } from './copy.tsx'
import css from './snippet.module.css'

export function Snippet({ code, label }: { code: string; label: string }) {
  return (
    <div className={css.snippet}>
      <pre tabIndex={0} aria-label={label}>
        {code}
      </pre>
      <div className={css.copy}>
        <Copy value={code} label="Copy code" />
      </div>
    </div>
  )
}
