//! Why an item is left out.

/// Why a target is left out of a change, before the question or right before it is acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It is the administrator's own account.
    Own,
    /// It belongs to a bridge or bot, as `asManagedUsers` says.
    System,
    /// The server says that it belongs to an application service.
    ApplicationService,
    /// It is so already: nothing would change.
    Unchanged,
    /// Somebody else has changed it since: what is to be taken back, or what was to go.
    ChangedSince,
    /// It is not there any more.
    Gone,
    /// The filter from which it was picked does not find it any more.
    NotMatching,
    /// Nobody used it when it was picked, and somebody has since.
    InUse,
    /// A guest, whose sessions the server cannot end.
    Guest,
    /// It is in no room any more, and none was named.
    NoRooms,
    /// People of this server are in it, which was not so when it was picked.
    LocalMembers,
    /// A file that is protected from quarantine.
    Protected,
    /// A file of another server.
    Elsewhere,
    /// Somebody of another server.
    NotLocal,
    /// Somebody who is not in the room, though invited or banned.
    NotInRoom,
    /// Nobody of this server has the right to it in the room.
    NoRight,
    /// Nothing in the room is as old as what was to be removed.
    NothingSoOld,
    /// Matrix Authentication Service keeps the accounts, and does not know this one.
    UnknownToMas,
    /// Something else was wished of the same thing before it could be done.
    Replaced,
    /// It could not be asked about: it may be the administrator's own, or in use.
    NotAsked,
}

impl Reason {
    /// All of them, in the order in which they are told.
    pub const ALL: [Reason; 20] = [
        Reason::Unchanged,
        Reason::Own,
        Reason::System,
        Reason::ApplicationService,
        Reason::Protected,
        Reason::Elsewhere,
        Reason::NotLocal,
        Reason::NotInRoom,
        Reason::NoRight,
        Reason::Guest,
        Reason::NoRooms,
        Reason::LocalMembers,
        Reason::NotMatching,
        Reason::InUse,
        Reason::ChangedSince,
        Reason::Gone,
        Reason::NothingSoOld,
        Reason::UnknownToMas,
        Reason::Replaced,
        Reason::NotAsked,
    ];
}
