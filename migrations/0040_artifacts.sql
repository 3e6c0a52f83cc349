-- Counted in stripes, so that those who push to one repository at once do not wait for each other's commit.
alter table artifact_usage add column stripe int not null default 0;
alter table artifact_usage alter column stripe drop default;
alter table artifact_usage drop constraint artifact_usage_pkey;
alter table artifact_usage add primary key (repository_id, stripe);

create index on artifact_upload (actor);
