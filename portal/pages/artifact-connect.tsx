// The exact lines that point each client at a repository of this site.
import { artifactLines } from '../../client/artifact-lines.ts'
import { useSession } from '../api/session.ts'
import { Panel } from '../ui/page.tsx'
import { Snippet } from '../ui/snippet.tsx'
import css from './artifacts.module.css'
import { formatNames } from './artifact-words.tsx'

export function ConnectLines({ path, format }: { path: string; format: string }) {
  const { user } = useSession()
  const lines = artifactLines({ url: location.origin, path, format, username: user.username })
  return (
    <Panel title={`Clients for ${formatNames[format] ?? format}`} note={<code>{path}</code>}>
      <ul className={css.lines}>
        {lines.map(({ client, about, code }) => (
          <li key={client}>
            <h3 className={css.client}>{client}</h3>
            <p className={css.about}>{about}</p>
            <Snippet code={code} label={`Lines for ${client}`} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
