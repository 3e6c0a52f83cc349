// Round trips by the clients that people have: what goes in comes out, with what belongs to it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lacking, makeImage, toolBench } from './oci-tools.ts'

test(
  'oras pushes files, attaches to them, and copies them with all that is attached, out and in',
  { skip: lacking('oras') },
  async (t) => {
    const bench = await toolBench(t)
    const { run, host, folder } = bench
    const content = randomBytes(3_000_000)
    writeFileSync(join(folder, 'weights.bin'), content)
    writeFileSync(join(folder, 'sbom.json'), '{"bomFormat":"CycloneDX"}')
    writeFileSync(join(folder, 'sig.json'), '{"signature":"…"}')
    const image = `${host}/lib/model:v1`
    await run('oras', 'push', '--plain-http', '--artifact-type', 'application/vnd.example.model', image, 'weights.bin')
    await run('oras', 'attach', '--plain-http', '--artifact-type', 'application/vnd.cyclonedx+json', image, 'sbom.json')
    const sbom = JSON.parse(await run('oras', 'discover', '--plain-http', '--format', 'json', image)).referrers[0]
    await run(
      'oras',
      'attach',
      '--plain-http',
      '--artifact-type',
      'application/vnd.example.signature',
      `${host}/lib/model@${sbom.digest}`,
      'sig.json',
    )

    await run('oras', 'cp', '-r', '--from-plain-http', '--to-oci-layout', image, 'layout:v1')
    await run('oras', 'cp', '-r', '--from-oci-layout', '--to-plain-http', 'layout:v1', `${host}/lib/again:v1`)
    const tree = JSON.parse(await run('oras', 'discover', '--plain-http', '--format', 'json', `${host}/lib/again:v1`))
    assert.deepEqual(
      [tree.referrers[0].artifactType, tree.referrers[0].referrers[0].artifactType],
      ['application/vnd.cyclonedx+json', 'application/vnd.example.signature'],
    )
    await run('oras', 'pull', '--plain-http', '-o', 'out', `${host}/lib/again:v1`)
    assert.ok(readFileSync(join(folder, 'out', 'weights.bin')).equals(content))
    assert.match(await run('oras', 'repo', 'tags', '--plain-http', `${host}/lib/model`), /^v1$/m)
    assert.match(await run('oras', 'repo', 'ls', '--plain-http', host), /^lib\/again$/m)
    await run('oras', 'manifest', 'delete', '--plain-http', '--force', image)
    assert.match(await bench.fails('oras', 'pull', '--plain-http', image), /not found/)
  },
)

test(
  'an image made by umoci goes in by skopeo, through crane and regctl, and unpacks as it was',
  { skip: lacking('umoci', 'skopeo', 'crane', 'regctl') },
  async (t) => {
    const bench = await toolBench(t)
    const { run, host, folder } = bench
    const content = randomBytes(500_000)
    await makeImage(bench, 'image', content)
    await run('skopeo', 'copy', '--dest-tls-verify=false', 'oci:image:v1', `docker://${host}/apps/one:v1`)
    const digest = (await run('crane', 'digest', '--insecure', `${host}/apps/one:v1`)).trim()
    assert.match(digest, /^sha256:/)
    await run('crane', 'validate', '--insecure', '--remote', `${host}/apps/one:v1`)
    await run('crane', 'copy', '--insecure', `${host}/apps/one:v1`, `${host}/apps/two:v2`)
    await run('crane', 'tag', '--insecure', `${host}/apps/two:v2`, 'stable')
    assert.deepEqual((await run('crane', 'ls', '--insecure', `${host}/apps/two`)).trim().split('\n'), ['stable', 'v2'])
    assert.deepEqual((await run('crane', 'catalog', '--insecure', host)).trim().split('\n'), ['apps/one', 'apps/two'])

    await run('regctl', 'registry', 'set', '--tls', 'disabled', host)
    await run('regctl', 'image', 'copy', '--referrers', '--digest-tags', `${host}/apps/two:stable`, `${host}/apps/three:v3`)
    assert.equal((await run('regctl', 'image', 'digest', `${host}/apps/three:v3`)).trim(), digest)
    await run('skopeo', 'copy', '--src-tls-verify=false', `docker://${host}/apps/three:v3`, 'oci:back:v3')
    await run('umoci', 'unpack', '--rootless', '--image', 'back:v3', 'bundle')
    assert.ok(readFileSync(join(folder, 'bundle', 'rootfs', 'data.bin')).equals(content))
    await run('skopeo', 'delete', '--tls-verify=false', `docker://${host}/apps/three:v3`)
    assert.match(
      await bench.fails('skopeo', 'inspect', '--tls-verify=false', `docker://${host}/apps/three:v3`),
      /manifest unknown|MANIFEST_UNKNOWN/i,
    )
  },
)

test('skopeo mirrors all tags of a repository', { skip: lacking('umoci', 'skopeo') }, async (t) => {
  const bench = await toolBench(t)
  const { run, host } = bench
  await makeImage(bench, 'image', randomBytes(1_000))
  for (const tag of ['v1', 'v2'])
    await run('skopeo', 'copy', '--dest-tls-verify=false', 'oci:image:v1', `docker://${host}/apps/one:${tag}`)
  await run('skopeo', 'sync', '--src-tls-verify=false', '--src', 'docker', '--dest', 'dir', `${host}/apps/one`, 'mirror')
  assert.match(await run('ls', 'mirror'), /one:v1\s+one:v2/)
})

test('who may not push is told so in words the clients show', { skip: lacking('crane', 'umoci', 'skopeo') }, async (t) => {
  const bench = await toolBench(t)
  const { run, fails, host, folder, app, client } = bench
  await makeImage(bench, 'image', randomBytes(1_000))
  await run('skopeo', 'copy', '--dest-tls-verify=false', 'oci:image:v1', `docker://${host}/apps/one:v1`)
  const member = await app.as('member')
  const key = await member.post('/api/v1/keys', { name: 'reader' })
  const auth = Buffer.from(`robot:${key.body.secret}`).toString('base64')
  writeFileSync(join(folder, 'docker', 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }))
  assert.match(await run('crane', 'digest', '--insecure', `${host}/apps/one:v1`), /^sha256:/)
  assert.match(
    await fails('crane', 'copy', '--insecure', `${host}/apps/one:v1`, `${host}/apps/one:v9`),
    /DENIED: You may not repository\.push here/,
  )
  await (await app.as('owner')).delete(`/api/v1/keys/${key.body.key.id}`)
  assert.match(await fails('crane', 'digest', '--insecure', `${host}/apps/one:v1`), /UNAUTHORIZED|401/)
  assert.ok(client.secret)
})
