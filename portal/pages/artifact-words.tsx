// Names of formats and media types as people say them; what is not known is shown as it is.
import { Mono } from '../ui/copy.tsx'
import { digestShort } from '../ui/format.ts'
import css from './artifacts.module.css'

export const formatNames: Record<string, string> = {
  oci: 'OCI',
  files: 'Files',
  pypi: 'Python',
  npm: 'npm',
  apt: 'Debian',
}

const known: [pattern: RegExp, words: string][] = [
  [/^application\/vnd\.cncf\.model\.manifest/, 'Model'],
  [/dev\.sigstore|sigstore\.bundle|cosign|notary\.signature/, 'Signature'],
  [/model.?signing|model-signature/, 'Model signature'],
  [/spdx|cyclonedx|syft/, 'Bill of materials'],
  [/in-toto|slsa|provenance/, 'Provenance'],
  [/vnd\.holdfast\.pypi|vnd\.python/, 'Python package'],
  [/vnd\.holdfast\.npm/, 'npm package'],
  [/vnd\.holdfast\.(apt|deb)/, 'Debian package'],
  [/vnd\.holdfast\.files/, 'Files'],
  [/vnd\.oci\.empty/, 'Artifact'],
  [/image\.index\.v1|manifest\.list\.v2/, 'Index'],
  [/vnd\.oci\.image\.config|docker\.container\.image|image\.manifest\.v1|distribution\.manifest\.v2/, 'Image'],
]

export const typeWords = (type: string | null | undefined): string =>
  type ? (known.find(([pattern]) => pattern.test(type))?.[1] ?? type) : '–'

/** A type as people say it, with what was said in full on hover and to a screen reader. */
export function TypeName({ artifactType, mediaType }: { artifactType?: string | null; mediaType?: string }) {
  const type = artifactType ?? mediaType
  const words = typeWords(type)
  return words === type ? <code className={css.type}>{type}</code> : <span title={type ?? ''}>{words}</span>
}

export function Digest({ of }: { of: string }) {
  return (
    <span className={css.digest}>
      <Mono full={of}>{digestShort(of).replace(/^sha256:/, '')}</Mono>
    </span>
  )
}
