// The store by its repositories, its models and its packages; and how to make the first of each.
import { Button, Modal, Tabs } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { repositories } from '../api/artifacts.ts'
import { useMayPerhaps } from '../api/session.ts'
import { Page } from '../ui/page.tsx'
import { ArtifactModels } from './artifact-models.tsx'
import { ArtifactPackages } from './artifact-packages.tsx'
import { ArtifactRepositories } from './artifact-repositories.tsx'
import { RepositoryForm } from './artifact-repository-form.tsx'

const tabs = ['repositories', 'models', 'packages'] as const

export function ArtifactsPage() {
  const { tab, q } = useSearch({ strict: false })
  const { data } = useSuspenseQuery(repositories)
  const navigate = useNavigate()
  const may = useMayPerhaps()
  const [making, setMaking] = useDisclosure(false)
  const shown = tabs.find((each) => each === tab) ?? 'repositories'
  const search = (next: { tab?: string | undefined; q?: string | undefined }) =>
    navigate({
      to: '/artifacts',
      search: { ...(next.tab ? { tab: next.tab } : {}), ...(next.q ? { q: next.q } : {}) },
      replace: true,
    })
  const make = may('repository.apply') && (
    <Button leftSection={<IconPlus size={16} />} onClick={setMaking.open}>
      Create repository
    </Button>
  )
  return (
    <Page
      wide
      title="Artifacts"
      lead="Images, models, packages and files, held once by digest, and spoken to by the clients you already have."
      actions={make}
    >
      <Tabs
        value={shown}
        onChange={(next) => search({ tab: next === 'repositories' ? undefined : (next ?? undefined) })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="repositories">Repositories</Tabs.Tab>
          <Tabs.Tab value="models">Models</Tabs.Tab>
          <Tabs.Tab value="packages">Packages</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="repositories">
          <ArtifactRepositories repositories={data.items} q={q} onFilter={(text) => search({ q: text })} make={make} />
        </Tabs.Panel>
        <Tabs.Panel value="models">
          <ArtifactModels q={q} onFilter={(text) => search({ tab: 'models', q: text })} />
        </Tabs.Panel>
        <Tabs.Panel value="packages">
          <ArtifactPackages q={q} onFilter={(text) => search({ tab: 'packages', q: text })} />
        </Tabs.Panel>
      </Tabs>
      <Modal opened={making} onClose={setMaking.close} title="Create a repository">
        <RepositoryForm
          onDone={(id) => {
            setMaking.close()
            void navigate({ to: '/artifacts/repositories/$id', params: { id } })
          }}
        />
      </Modal>
    </Page>
  )
}
