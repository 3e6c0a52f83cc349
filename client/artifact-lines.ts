// What one types to point each client of the field at a repository of this site. The portal shows these lines, the command line prints them.
export type ArtifactLines = { client: string; about: string; code: string }

type At = {
  /** Of the site, without a slash at its end. */ url: string
  /** Of the repository, as clients name it. */ path: string
  format: string
  username: string
}

/** Podman and skopeo speak TLS unless told; docker, oras and crane speak plain HTTP to loopback by themselves. */
const plainFlag = (url: URL, flag: string): string => (url.protocol === 'http:' ? ` ${flag}` : '')

const ofOci = ({ url: address, path, username }: At): ArtifactLines[] => {
  const url = new URL(address)
  const { host } = url
  const at = `${host}/${path}`
  const noTls = plainFlag(url, '--tls-verify=false')
  return [
    {
      client: 'docker',
      about: 'Images. The password is an API key.',
      code: `docker login ${host} -u ${username}\ndocker tag IMAGE ${at}/IMAGE:1.0\ndocker push ${at}/IMAGE:1.0`,
    },
    {
      client: 'podman',
      about: 'Images, without a daemon.',
      code: `podman login${noTls} ${host} -u ${username}\npodman push${noTls} IMAGE ${at}/IMAGE:1.0`,
    },
    {
      client: 'oras',
      about: 'Any files, and what speaks of them.',
      code: `oras login ${host} -u ${username}\noras push ${at}/THING:1.0 FILE\noras pull ${at}/THING:1.0`,
    },
    {
      client: 'hf',
      about: 'Models, as from the Hub.',
      code: `export HF_ENDPOINT=${address}/hf/${path}\nexport HF_TOKEN=API_KEY\nhf download MODEL`,
    },
    {
      client: 'holdfast',
      about: 'Any files; goes on where it stopped.',
      code: `holdfast artifact push FILE ${path}/THING:1.0\nholdfast artifact pull ${path}/THING:1.0 -o FOLDER`,
    },
    {
      client: 'skopeo',
      about: 'Copies of images between registries and archives.',
      code: `skopeo login${noTls} ${host} -u ${username}\nskopeo copy${plainFlag(url, '--dest-tls-verify=false')} oci-archive:IMAGE.tar docker://${at}/IMAGE:1.0`,
    },
    {
      client: 'crane',
      about: 'Images and their parts, in scripts.',
      code: `crane auth login ${host} -u ${username} -p API_KEY\ncrane push IMAGE.tar ${at}/IMAGE:1.0\ncrane ls ${at}/IMAGE`,
    },
  ]
}

const netrc = (url: string, username: string): string => `machine ${new URL(url).hostname} login ${username} password API_KEY`

const ofPypi = ({ url, path, username }: At): ArtifactLines[] => [
  {
    client: 'pip',
    about: 'Keep the key in ~/.netrc, not in the address.',
    code: `echo '${netrc(url, username)}' >> ~/.netrc && chmod 600 ~/.netrc\npip install --index-url ${url}/pypi/${path}/simple/ PACKAGE`,
  },
  { client: 'uv', about: 'The same index.', code: `uv pip install --index-url ${url}/pypi/${path}/simple/ PACKAGE` },
  {
    client: 'twine',
    about: 'Publishes what was built.',
    code: `twine upload --repository-url ${url}/pypi/${path}/ -u ${username} -p API_KEY dist/*`,
  },
]

const ofNpm = ({ url, path }: At): ArtifactLines[] => {
  const registry = `${url}/npm/${path}/`
  return [
    {
      client: 'npm',
      about: 'Keep the key in ~/.npmrc.',
      code: `npm config set ${registry.replace(/^https?:/, '')}:_authToken API_KEY\nnpm install --registry ${registry} PACKAGE\nnpm publish --registry ${registry}`,
    },
  ]
}

const ofApt = ({ url, path, username }: At): ArtifactLines[] => [
  {
    client: 'apt',
    about: 'The key lies in /etc/apt/auth.conf.d.',
    code: `echo 'machine ${url}/apt/${path} login ${username} password API_KEY' | sudo tee /etc/apt/auth.conf.d/holdfast.conf\nsudo chmod 600 /etc/apt/auth.conf.d/holdfast.conf\ncurl -fsS -u ${username} ${url}/apt/${path}/key.asc | sudo tee /etc/apt/keyrings/holdfast.asc\necho 'deb [signed-by=/etc/apt/keyrings/holdfast.asc] ${url}/apt/${path} stable main' | sudo tee /etc/apt/sources.list.d/holdfast.list\nsudo apt update`,
  },
]

const ofFiles = ({ url, path, username }: At): ArtifactLines[] => [
  {
    client: 'curl',
    about: 'The key lies in ~/.netrc.',
    code: `echo '${netrc(url, username)}' >> ~/.netrc && chmod 600 ~/.netrc\ncurl -n -T FILE ${url}/files/${path}/PACKAGE/1.0/FILE\ncurl -n -C - -O ${url}/files/${path}/PACKAGE/1.0/FILE`,
  },
]

const byFormat: Record<string, (at: At) => ArtifactLines[]> = {
  oci: ofOci,
  pypi: ofPypi,
  npm: ofNpm,
  apt: ofApt,
  files: ofFiles,
}

export const artifactLines = (at: At): ArtifactLines[] => byFormat[at.format]?.(at) ?? []

/** How one release is had by the client of its format. */
export const artifactPullLine = ({ url, path, reference, format }: Omit<At, 'username'> & { reference: string }): string => {
  const { host } = new URL(url)
  const joined = `${path}${reference.includes(':') ? '@' : ':'}${reference}`
  const parts = path.split('/')
  const [above, name] = [parts.slice(0, -1).join('/'), parts.at(-1) ?? '']
  switch (format) {
    case 'pypi':
      return `pip install --index-url ${url}/pypi/${above}/simple/ ${name}==${versionOfTag(reference)}`
    case 'npm':
      return `npm install --registry ${url}/npm/${above}/ ${name}@${versionOfTag(reference)}`
    case 'apt':
      return `sudo apt install ${name}=${versionOfTag(reference)}`
    case 'files':
      return `curl -n ${url}/files/${path}/${versionOfTag(reference)}/SHA256SUMS`
    default:
      return `oras pull ${host}/${joined}`
  }
}

/** Versions hold characters that tags do not: each is written as `_` and its code in two hexadecimal digits. */
export const versionOfTag = (tag: string): string =>
  tag.replaceAll(/_([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
