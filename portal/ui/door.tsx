// The pages before sign-in share one quiet card.
import { useEffect, type ReactNode } from 'react'
import css from './door.module.css'
import { Mark } from './mark.tsx'

export function Door({
  title,
  lead,
  site,
  foot,
  children,
}: {
  title: string
  lead?: ReactNode
  site?: string | undefined
  foot?: ReactNode
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Holdfast`
  }, [title])
  return (
    <main className={css.door}>
      <div className={css.card}>
        <div className={css.brand}>
          <Mark size={28} />
          <span>Holdfast {site && <small>· {site}</small>}</span>
        </div>
        <div className={css.box}>
          <h1 className={css.title}>{title}</h1>
          {lead ? <p className={css.lead}>{lead}</p> : <div style={{ height: 18 }} />}
          {children}
        </div>
        {foot && <div className={css.foot}>{foot}</div>}
      </div>
    </main>
  )
}

export const Or = ({ children = 'or' }: { children?: ReactNode }) => (
  <div className={css.or} role="separator">
    {children}
  </div>
)
