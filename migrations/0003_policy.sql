-- The facts decisions rest on. Other rooms write them through policy's front door, in the transaction of their own change.
create table policy_scope (
  id text primary key,
  parent_id text references policy_scope (id) on delete restrict, -- a scope with something below it stays
  kind text not null check (kind in ('organisation', 'folder', 'project')),
  name text not null,
  path text not null unique,
  ancestors text[] not null -- itself and all above it, nearest first
);
create index on policy_scope using gin (ancestors);
create unique index policy_scope_one_root on policy_scope ((parent_id is null)) where parent_id is null;

create table policy_grant (
  id text primary key,
  principal_id text not null,
  role text not null,
  scope_id text not null references policy_scope (id) on delete restrict
);
create index on policy_grant (principal_id);
create index on policy_grant (scope_id);

create table policy_member (
  group_id text not null,
  member_id text not null,
  primary key (group_id, member_id)
);
create index on policy_member (member_id);
