// Signatures over models (OpenSSF Model Signing) from the command line.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { ArtifactVerify } from '#client'
import { bad, dim, good, plain, print, show, type Output } from './output.ts'
import { parseName } from './registry.ts'
import { client } from './session.ts'

export const addSignatures = (artifact: Command, output: () => Output): void => {
  artifact
    .command('sign')
    .description('sign a model by the site’s key, or lay a signature of another beside it')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .option('--bundle <file>', 'a Sigstore bundle, as `model_signing sign` writes it')
    .option('--out <file>', 'where the signature is written too, for `model_signing verify`')
    .action(async (name: string, flags: { bundle?: string; out?: string }) => {
      const bundle = flags.bundle === undefined ? {} : { bundle: readFileSync(flags.bundle, 'utf8') }
      const signed = await client().artifactSign({ body: { ...parseName(name), ...bundle } })
      if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(signed.bundle)}\n`)
      show(
        output(),
        signed,
        ({ digest, modelDigest, files }) =>
          `${good('Signed')} ${name}: ${files} files, model digest ${modelDigest}\n${dim(digest)}`,
      )
    })
  artifact
    .command('verify')
    .description('judge the signatures over a model by the keys of the site and its publishers; ends with 1 when none holds')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .option('--key <file...>', 'public keys or certificates in PEM, in place of those of the site')
    .action(async (name: string, { key }: { key?: string[] }) => {
      const publicKeys = key?.map((file) => readFileSync(file, 'utf8'))
      const told = await client().artifactVerify({ body: { ...parseName(name), ...(publicKeys ? { publicKeys } : {}) } })
      show(output(), told, ({ signatures }) =>
        signatures.length === 0
          ? `${bad('Not signed')}: nothing beside ${name} is a signature over a model.`
          : signatures.map(toldOf).join('\n'),
      )
      if (!told.verified) process.exitCode = 1
    })
  artifact
    .command('signing-key')
    .description('the public key by which this site signs models, in PEM')
    .action(async () => {
      const { publicKey, hint } = await client().artifactSigningKey()
      if (output().json) show(output(), { publicKey, hint }, () => '')
      else print(publicKey.trimEnd())
    })
}

const toldOf = ({ digest, verified, signer, reasons, leftOut }: ArtifactVerify['signatures'][number]): string => {
  const by = signer === undefined ? '' : ` by ${signer.kind === 'site' ? 'this site' : `${signer.kind} ${plain(signer.name)}`}`
  const head = verified ? `${good('Verified')}${by}` : `${bad('Not verified')}${by}`
  return [
    `${head}  ${dim(digest)}`,
    ...reasons.map((reason) => `  ${plain(reason)}`),
    ...leftOut.map((path) => `  ${dim('says nothing of')} ${plain(path)}`),
  ].join('\n')
}
