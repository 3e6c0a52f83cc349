// AWS Signature Version 4, as S3 wants it: the one thing of the SDK that is needed here.
import { createHash, createHmac } from 'node:crypto'

export type S3Key = { readonly id: string; readonly secret: string }

export type ToSign = {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** sha256 of the body in hexadecimal: with it the server checks what arrives. */
  readonly bodyHash: string
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** RFC 3986, and nothing else left as it is. */
export const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** All headers to send: what was given, and those that sign it. */
export const sign = (
  { method, url, headers, bodyHash }: ToSign,
  { key, region, at }: { key: S3Key; region: string; at: Date },
): Record<string, string> => {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const signed: Record<string, string> = {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
  }
  const names = Object.keys(signed).sort()
  const query = [...url.searchParams]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&')
  const lines = names.map((name) => `${name}:${signed[name]!.trim()}\n`).join('')
  const request = [method, url.pathname, query, lines, names.join(';'), bodyHash].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(request).digest('hex')].join('\n')
  const secret = [time.slice(0, 8), region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${key.secret}`)
  const signature = hmac(secret, text).toString('hex')
  return {
    ...signed,
    authorization: `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}
