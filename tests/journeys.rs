//! The journeys of an administrator, in a real browser with a real Synapse: one file per
//! journey, one program for all of them.

mod accessibility;
mod bulk;
mod config;
mod faults;
mod federation;
mod frame;
mod hosting;
mod housekeeping;
mod import;
mod import_columns;
mod import_large;
mod import_plan;
mod journal;
mod list;
mod login;
mod media;
mod old_synapse;
mod palette;
mod pictures;
mod refresh;
mod resend;
mod room_events;
mod room_tabs;
mod rooms;
mod security;
mod selection;
mod settings;
mod shell;
mod storage;
mod undo;
mod user_actions;
mod user_forms;
mod user_media;
mod user_tabs;
mod users;
