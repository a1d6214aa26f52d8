-- A small project as textcoder 0.1.0 kept it (revision 0001); made once, never renewed.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE cases (
	project_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	attributes TEXT NOT NULL, 
	CONSTRAINT pk_cases PRIMARY KEY (project_id, id), 
	CONSTRAINT fk_cases_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE TABLE coders (
	project_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	revision TEXT NOT NULL, 
	CONSTRAINT pk_coders PRIMARY KEY (project_id, id), 
	CONSTRAINT fk_coders_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "coders" VALUES('study','ana','Ana','human','');
CREATE TABLE codings (
	project_id TEXT NOT NULL, 
	coder TEXT NOT NULL, 
	transcript TEXT NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	status TEXT NOT NULL, 
	probability DOUBLE NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT pk_codings PRIMARY KEY (project_id, coder, transcript, start, "end", code), 
	CONSTRAINT fk_codings_project_id_coder FOREIGN KEY(project_id, coder) REFERENCES coders (project_id, id), 
	CONSTRAINT fk_codings_project_id_transcript FOREIGN KEY(project_id, transcript) REFERENCES transcripts (project_id, id), 
	CONSTRAINT fk_codings_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "codings" VALUES('study','ana','td591802c01e9',58,85,'late','suggested',1.0,'');
CREATE TABLE decisions (
	project_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	target TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	coder TEXT NOT NULL, 
	at TEXT NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT pk_decisions PRIMARY KEY (project_id, number), 
	CONSTRAINT fk_decisions_project_id_coder FOREIGN KEY(project_id, coder) REFERENCES coders (project_id, id), 
	CONSTRAINT fk_decisions_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "decisions" VALUES('study',1,'set_code','late',NULL,'{"colour":"","definition":"What it means.","examples":[{"source":"Mira","text":"Nobody answers."}],"exclude":"","id":"late","include":"","lens":"none","name":"late","origin":"data","parent":null,"status":"active"}','ana','2024-03-01T10:00:00Z','seen often');
CREATE TABLE files (
	project_id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	note TEXT NOT NULL, 
	transcript TEXT, 
	CONSTRAINT pk_files PRIMARY KEY (project_id, path), 
	CONSTRAINT fk_files_project_id_transcript FOREIGN KEY(project_id, transcript) REFERENCES transcripts (project_id, id), 
	CONSTRAINT fk_files_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "files" VALUES('study','mira.txt/td591802c01e9','d591802c01e995b47bacf5193e24dd4602226154d362aa71622c8be3605c2299','read','','td591802c01e9');
CREATE TABLE finished_steps (
	project_id TEXT NOT NULL, 
	step TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	CONSTRAINT pk_finished_steps PRIMARY KEY (project_id, step), 
	CONSTRAINT fk_finished_steps_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE TABLE placements (
	project_id TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	probabilities TEXT NOT NULL, 
	abstained BOOLEAN NOT NULL, 
	CONSTRAINT pk_placements PRIMARY KEY (project_id, segment), 
	CONSTRAINT fk_placements_project_id_segment FOREIGN KEY(project_id, segment) REFERENCES segments (project_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_placements_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE TABLE projects (
	project_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	lenses TEXT NOT NULL, 
	method TEXT NOT NULL, 
	CONSTRAINT pk_projects PRIMARY KEY (project_id)
);
INSERT INTO "projects" VALUES('study','study','[{"brief":"Something that helps, in the speaker''s own view.","examples":["Having one named contact means I don''t get lost.","Not bad at all, the handover sheet."],"exclude":"A wish for something that is not there; politeness to the interviewer; a plan; a change that is only reported as change.","id":"what_works","include":"A practice, person, resource or condition is said to help, to be valued or to be worth keeping; strengths; exceptions; a bad thing that is absent because of something.","name":"What works"},{"brief":"Something that hinders, in the speaker''s own view.","examples":["Nobody answers after three.","I had to tell my story five times."],"exclude":"A hard time told as overcome; a barrier that is denied.","id":"barriers","include":"An obstacle, lack, burden, fear, conflict, confusion or unfairness; what is missing or should be otherwise; a good thing that never came or stopped.","name":"Barriers"},{"brief":"A change for the better that has begun, however small, or that the speaker commits to.","examples":["Now at least they call us before they decide.","I went outside twice this week."],"exclude":"A stable good thing; hope without any step or commitment; a change for the worse; an interviewer''s praise.","id":"signs_of_progress","include":"A before and after; a small step taken; something done for the first time; a rating that rose; a barrier that lessened; a lesson that changes what one does; others noticing a difference; unexpected benefits.","name":"Signs of progress"}]','codebook');
CREATE TABLE segments (
	project_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	transcript TEXT NOT NULL, 
	turn INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	CONSTRAINT pk_segments PRIMARY KEY (project_id, id), 
	CONSTRAINT fk_segments_project_id_transcript FOREIGN KEY(project_id, transcript) REFERENCES transcripts (project_id, id), 
	CONSTRAINT fk_segments_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "segments" VALUES('study','td591802c01e9:0-11','td591802c01e9',0,0,11);
INSERT INTO "segments" VALUES('study','td591802c01e9:12-39','td591802c01e9',1,12,39);
INSERT INTO "segments" VALUES('study','td591802c01e9:40-57','td591802c01e9',2,40,57);
INSERT INTO "segments" VALUES('study','td591802c01e9:58-85','td591802c01e9',3,58,85);
CREATE TABLE sources (
	project_id TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	bytes BLOB NOT NULL, 
	CONSTRAINT pk_sources PRIMARY KEY (project_id, sha256), 
	CONSTRAINT fk_sources_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "sources" VALUES('study','d591802c01e995b47bacf5193e24dd4602226154d362aa71622c8be3605c2299',X'746865206279746573206F66206D6972612E747874');
CREATE TABLE theme_segments (
	project_id TEXT NOT NULL, 
	theme TEXT NOT NULL, 
	part TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	segment TEXT NOT NULL, 
	CONSTRAINT pk_theme_segments PRIMARY KEY (project_id, theme, part, position), 
	CONSTRAINT fk_theme_segments_project_id_theme FOREIGN KEY(project_id, theme) REFERENCES themes (project_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_theme_segments_project_id_segment FOREIGN KEY(project_id, segment) REFERENCES segments (project_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_theme_segments_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE TABLE themes (
	project_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	lens TEXT NOT NULL, 
	keywords TEXT NOT NULL, 
	stability DOUBLE NOT NULL, 
	status TEXT NOT NULL, 
	code TEXT, 
	CONSTRAINT pk_themes PRIMARY KEY (project_id, id), 
	CONSTRAINT fk_themes_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE TABLE transcripts (
	project_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	text TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	language TEXT NOT NULL, 
	wave TEXT, 
	date TEXT, 
	attributes TEXT NOT NULL, 
	pages TEXT NOT NULL, 
	sync TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	CONSTRAINT pk_transcripts PRIMARY KEY (project_id, id), 
	CONSTRAINT fk_transcripts_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "transcripts" VALUES('study','td591802c01e9','mira.txt','What helps?
One named contact 👩🏽‍🚒, é.
And what hinders?
Nobody answers after three.
','d591802c01e995b47bacf5193e24dd4602226154d362aa71622c8be3605c2299','en','2','2024-03-01','{"group":"users","site":"North"}','[0,20]','[[0,0],[12,4000]]','dialogue');
CREATE TABLE turns (
	project_id TEXT NOT NULL, 
	transcript TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	speaker TEXT, 
	role TEXT NOT NULL, 
	"case" TEXT, 
	start_ms BIGINT, 
	end_ms BIGINT, 
	question TEXT NOT NULL, 
	CONSTRAINT pk_turns PRIMARY KEY (project_id, transcript, number), 
	CONSTRAINT fk_turns_project_id_transcript FOREIGN KEY(project_id, transcript) REFERENCES transcripts (project_id, id), 
	CONSTRAINT fk_turns_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
INSERT INTO "turns" VALUES('study','td591802c01e9',0,0,11,'S0','interviewer',NULL,0,NULL,'');
INSERT INTO "turns" VALUES('study','td591802c01e9',1,12,39,'S1','participant',NULL,1000,NULL,'');
INSERT INTO "turns" VALUES('study','td591802c01e9',2,40,57,'S0','interviewer',NULL,2000,NULL,'');
INSERT INTO "turns" VALUES('study','td591802c01e9',3,58,85,'S1','participant',NULL,3000,NULL,'');
CREATE TABLE unassigned (
	project_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	segment TEXT NOT NULL, 
	lens TEXT NOT NULL, 
	nearest TEXT, 
	similarity DOUBLE NOT NULL, 
	CONSTRAINT pk_unassigned PRIMARY KEY (project_id, position), 
	CONSTRAINT fk_unassigned_project_id_segment FOREIGN KEY(project_id, segment) REFERENCES segments (project_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_unassigned_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE TABLE "values" (
	project_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	value TEXT, 
	CONSTRAINT pk_values PRIMARY KEY (project_id, name), 
	CONSTRAINT fk_values_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE TABLE vectors (
	project_id TEXT NOT NULL, 
	model TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	vector BLOB NOT NULL, 
	CONSTRAINT pk_vectors PRIMARY KEY (project_id, model, "key"), 
	CONSTRAINT fk_vectors_project_id FOREIGN KEY(project_id) REFERENCES projects (project_id)
);
CREATE INDEX ix_turns_project_id_case ON turns (project_id, "case");
CREATE INDEX ix_segments_project_id_transcript ON segments (project_id, transcript);
CREATE INDEX ix_theme_segments_project_id_segment ON theme_segments (project_id, segment);
CREATE INDEX ix_unassigned_project_id_segment ON unassigned (project_id, segment);
CREATE TRIGGER decisions_no_update BEFORE update ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are only ever appended'); END;
CREATE TRIGGER decisions_no_delete BEFORE delete ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are only ever appended'); END;
CREATE INDEX ix_codings_project_id_transcript ON codings (project_id, transcript);
CREATE INDEX ix_codings_project_id_code ON codings (project_id, code);
COMMIT;
