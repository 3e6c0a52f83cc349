// What must hold here: what is at work and where, what could be, and what was written here.
import { Button, Modal, Tabs } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMay } from '../api/session.ts'
import { Page } from '../ui/page.tsx'
import { GuardrailsAtWork } from './guardrails-at-work.tsx'
import { GuardrailLibrary } from './guardrail-library.tsx'
import { WriteGuardrail } from './guardrail-write.tsx'
import { Publishers } from './publishers.tsx'

const tabs = ['at-work', 'library', 'initiatives', 'publishers'] as const

export function GuardrailsPage() {
  const { tab } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMay()
  const [writing, setWriting] = useDisclosure(false)
  const shown = tabs.find((each) => each === tab) ?? 'at-work'
  return (
    <Page
      title="Guardrails"
      lead="What must hold of everything that exists here, whoever makes it: refused, corrected or reported where it does not."
      actions={
        may('guardrail.apply') && (
          <Button variant="default" leftSection={<IconPencil size={16} />} onClick={setWriting.open}>
            Write a guardrail
          </Button>
        )
      }
    >
      <Tabs
        value={shown}
        onChange={(next) =>
          navigate({ to: '/guardrails', search: { tab: next === 'at-work' ? undefined : (next ?? undefined) }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="at-work">At work</Tabs.Tab>
          <Tabs.Tab value="library">Library</Tabs.Tab>
          <Tabs.Tab value="initiatives">Initiatives</Tabs.Tab>
          {may('publisher.read') && <Tabs.Tab value="publishers">Publishers</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="at-work">
          <GuardrailsAtWork />
        </Tabs.Panel>
        <Tabs.Panel value="library">
          <GuardrailLibrary />
        </Tabs.Panel>
        <Tabs.Panel value="initiatives">
          <GuardrailLibrary initiatives />
        </Tabs.Panel>
        <Tabs.Panel value="publishers">
          <Publishers />
        </Tabs.Panel>
      </Tabs>
      <Modal opened={writing} onClose={setWriting.close} title="Write a guardrail" size="xl">
        <WriteGuardrail onDone={setWriting.close} />
      </Modal>
    </Page>
  )
}
