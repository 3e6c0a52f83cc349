-- Generations: signed statements of which names mean which content, switched as one.
create table artifact_generation (
  id text primary key,
  line text collate "C" not null,
  number int not null,
  note text,
  statement bytea not null,
  signature bytea not null,
  made_by text not null,
  made_at timestamptz not null,
  unique (line, number)
);

create table artifact_generation_tag (
  generation_id text not null references artifact_generation (id) on delete cascade,
  package_id text not null,
  tag text collate "C" not null,
  digest text not null,
  primary key (generation_id, package_id, tag),
  foreign key (package_id, digest) references artifact_manifest (package_id, digest)
);
create index on artifact_generation_tag (package_id, digest);
create index on artifact_generation_tag (package_id, tag);

-- The newest of a line is live.
create table artifact_generation_switch (
  id bigint generated always as identity primary key,
  line text collate "C" not null,
  generation_id text not null references artifact_generation (id),
  switched_by text not null,
  switched_at timestamptz not null
);
create index on artifact_generation_switch (line, id desc);
create view artifact_generation_live as
  select distinct on (line) line, generation_id, switched_by, switched_at from artifact_generation_switch order by line, id desc;

-- When a run of retention first saw it without a tag.
alter table artifact_manifest add column untagged_at timestamptz;
create index on artifact_manifest (package_id, untagged_at) where untagged_at is not null;
