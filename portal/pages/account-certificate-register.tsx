// Registering a certificate: whoever brings it shows that its key is at hand, by signing a text that is made for this once.
import { Button, Loader, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { ApiProblem, post } from '../api/client.ts'
import { certificateChallenge } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import { Snippet } from '../ui/snippet.tsx'
import { makeCommand, signCommand } from './certificate-commands.ts'
import css from './certificates.module.css'
import { Fault, tell } from './failure.tsx'

export function RegisterCertificate({ onDone }: { onDone: () => void }) {
  const challenge = useQuery(certificateChallenge)
  if (challenge.error) return <Fault error={challenge.error} />
  if (!challenge.data) return <Loader size="sm" aria-label="Preparing" />
  return <Form of={challenge.data} onDone={onDone} />
}

function Form({ of, onDone }: { of: { challenge: string; statement: string }; onDone: () => void }) {
  const { user } = useSession()
  const [name, setName] = useState('')
  const [certificate, setCertificate] = useState('')
  const [signature, setSignature] = useState('')
  const queries = useQueryClient()
  const add = useMutation({
    mutationFn: () =>
      post('/me/certificates', {
        name: name.trim(),
        certificate: `${certificate.trim()}\n`,
        challenge: of.challenge,
        signature: signature.replaceAll(/\s+/g, ''),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['certificates'] })
      tell('The certificate is registered')
      onDone()
    },
    onError: async (error) => {
      if (!(error instanceof ApiProblem) || error.code === 'sign-in-again') return
      // A text is signed for once, so that after a refusal there is a new one.
      setSignature('')
      await queries.refetchQueries({ queryKey: certificateChallenge.queryKey })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form onSubmit={submit}>
      <ol className={css.steps}>
        <li>
          <p className={css.step}>Make a key and a certificate, unless you have them</p>
          <Snippet code={makeCommand(user.username)} label="Command that makes a key and a certificate" />
          <p className={css.note}>
            Who issued it does not matter: it is trusted because you register it. Keep approval.key where only you can read it.
          </p>
        </li>
        <li>
          <p className={css.step}>Paste the certificate, never the key</p>
          <Textarea
            label="Certificate (approval.pem)"
            placeholder="-----BEGIN CERTIFICATE-----"
            className={css.pem!}
            value={certificate}
            onChange={({ target }) => setCertificate(target.value)}
            maxLength={20_000}
            autosize
            minRows={3}
            maxRows={8}
            required
            data-autofocus
          />
          <TextInput
            label="Name"
            description="So that you know it again."
            placeholder="Smart card"
            value={name}
            onChange={({ target }) => setName(target.value)}
            required
          />
        </li>
        <li>
          <p className={css.step}>Sign this with its key, and paste what is printed</p>
          <Snippet code={signCommand(of.statement)} label="Command that signs with the key" />
          <Textarea
            label="Signature (base64)"
            className={css.pem!}
            value={signature}
            onChange={({ target }) => setSignature(target.value)}
            maxLength={2_000}
            autosize
            minRows={2}
            maxRows={6}
            required
          />
          <p className={css.note}>It shows that the key is yours. The text is good for a quarter of an hour, and once.</p>
        </li>
        <li>
          <Fault error={add.error} />
          <Button type="submit" loading={add.isPending} style={{ justifySelf: 'end' }}>
            Register
          </Button>
        </li>
      </ol>
    </form>
  )
}
