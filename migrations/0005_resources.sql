-- The governed inventory: what is wanted (spec), what is (status), and every state it ever had.
create table resource (
  id text primary key,
  kind text not null,
  scope_id text not null references policy_scope (id) on delete restrict, -- where it lies
  governing_scope_id text not null, -- where policy looks for it: a folder or project governs itself
  name text not null,
  labels jsonb not null,
  owner text not null,
  spec jsonb not null,
  status jsonb,
  generation int not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (kind, scope_id, name)
);
create index on resource (kind, name, id);
create index on resource (governing_scope_id, kind);

create table resource_revision (
  resource_id text not null,
  generation int not null,
  change text not null check (change in ('created', 'changed', 'deleted')),
  kind text not null,
  scope_id text not null,
  name text not null,
  labels jsonb not null,
  spec jsonb not null,
  actor text not null,
  request_id text not null,
  at timestamptz not null,
  primary key (resource_id, generation)
);

-- What watchers are told. Ordered by transaction, not by number alone: numbers are given out before they become visible, and a watcher would step over one that commits late.
create table resource_change (
  xact xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  resource_id text not null,
  kind text not null,
  governing_scope_id text not null,
  change text not null check (change in ('created', 'changed', 'deleted', 'status')),
  at timestamptz not null,
  primary key (xact, seq)
);
create index on resource_change (at);
