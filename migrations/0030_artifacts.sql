-- The store: repositories hold packages, packages hold manifests and tags; blobs are held once for all of them.

alter table artifact
  add column verified_at timestamptz,
  add column damaged_at timestamptz, -- found not to be what its digest says; not served until mended
  add column condemned_at timestamptz; -- nothing referred to it then; removed when that is still so after the grace

-- What keeps a blob beside packages: a model, an upload that waits to be used, a hold.
create table artifact_pin (
  digest text not null references artifact (digest),
  holder text not null,
  until timestamptz,
  primary key (digest, holder)
);
create index on artifact_pin (until) where until is not null;
insert into artifact_pin (digest, holder)
  select artifact.digest, resource.id from resource join artifact on artifact.digest = resource.spec ->> 'digest' where resource.kind = 'model'
  on conflict do nothing;
insert into artifact_pin (digest, holder, until)
  select digest, 'upload', now() + interval '7 days' from artifact where digest not in (select digest from artifact_pin);

create table artifact_package (
  id text primary key,
  repository_id text not null references resource (id),
  name text collate "C" not null, -- below the repository; empty when the repository's own path names it
  created_at timestamptz not null,
  unique (repository_id, name)
);

-- Which blobs may be read in a package, by the name a client knows them by (sha512 too).
create table artifact_link (
  package_id text not null references artifact_package (id),
  digest text not null,
  blob text not null references artifact (digest),
  size_bytes bigint not null,
  linked_at timestamptz not null,
  primary key (package_id, digest)
);
create index on artifact_link (blob);

create table artifact_manifest (
  package_id text not null references artifact_package (id),
  digest text not null,
  media_type text not null,
  artifact_type text,
  config_type text,
  subject text,
  annotations jsonb,
  size_bytes bigint not null,
  content_bytes bigint not null,
  body bytea not null,
  pushed_by text not null,
  pushed_at timestamptz not null,
  primary key (package_id, digest)
);
create index on artifact_manifest (package_id, subject, digest) where subject is not null;
create index on artifact_manifest (pushed_at);

create table artifact_reference (
  package_id text not null,
  manifest text not null,
  place int not null, -- in the order of the manifest; 0 is its config
  digest text not null,
  role text not null check (role in ('config', 'layer', 'manifest')),
  media_type text not null,
  size_bytes bigint not null,
  path text, -- of the file it is, where the manifest says so
  primary key (package_id, manifest, place),
  foreign key (package_id, manifest) references artifact_manifest (package_id, digest) on delete cascade
);
create index on artifact_reference (package_id, digest);

create table artifact_tag (
  package_id text not null,
  name text collate "C" not null,
  digest text not null,
  set_by text not null,
  set_at timestamptz not null,
  primary key (package_id, name),
  foreign key (package_id, digest) references artifact_manifest (package_id, digest)
);
create index on artifact_tag (package_id, digest);

create table artifact_upload (
  id text primary key,
  repository_id text not null references resource (id) on delete cascade,
  package text not null,
  actor text not null,
  received_bytes bigint not null,
  started_at timestamptz not null,
  moved_at timestamptz not null
);
create index on artifact_upload (moved_at);

-- Bytes that a repository holds, each blob counted once in each of its packages.
create table artifact_usage (
  repository_id text primary key references resource (id) on delete cascade,
  bytes bigint not null
);

create table artifact_pull (
  package_id text not null references artifact_package (id) on delete cascade,
  digest text not null,
  actor text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (package_id, digest, actor)
);
