-- What decisions rest on beside the tree and who holds what: roles made here, what an assignment is bound to, denials, levels, caveats and clearances.
create table policy_role (
  name text primary key, -- as assignments and rules say it; a built-in role's is never taken
  title text not null,
  description text not null,
  actions text[] not null
);

alter table policy_grant
  alter column role drop not null, -- a denial names actions instead
  add column effect text not null default 'allow' check (effect in ('allow', 'deny')),
  add column actions text[], -- of a denial: names, `noun.*` or `*`
  add column condition jsonb,
  add column starts_at timestamptz,
  add column expires_at timestamptz,
  add column eligible jsonb, -- gives nothing until it is activated, for a time
  add column assignment_id text references policy_grant (id) on delete cascade, -- of an elevation: what was activated
  add column reason text,
  add check ((effect = 'allow' and role is not null and actions is null) or (effect = 'deny' and role is null and actions is not null));
create index on policy_grant (role);
create index on policy_grant (assignment_id) where assignment_id is not null;

-- In rising order of rank. A site that has said nothing has these.
create table policy_level (
  rank int primary key check (rank between 0 and 1000),
  name text not null unique,
  title text not null
);
insert into policy_level (rank, name, title) values
  (0, 'open', 'Open'), (100, 'internal', 'Internal'), (200, 'confidential', 'Confidential'), (300, 'secret', 'Secret');

create table policy_caveat (
  name text primary key,
  title text not null
);

create table policy_clearance (
  id text primary key,
  principal_id text not null unique,
  rank int not null,
  caveats text[] not null -- '*' is all there are and will be
);

-- The label of everything in a scope is at least the scope's effective one: the join of its own and all above it.
alter table policy_scope
  add column rank int not null default 0,
  add column caveats text[] not null default '{}',
  add column effective_rank int not null default 0,
  add column effective_caveats text[] not null default '{}';
