// SPDX-License-Identifier: GPL-2.0

//! The user count of a group, and joins and leaves by that count alone.

/// What a join did. Only [`Join::Joined`] has to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join<T> {
    /// The group is new.
    Joined(T),
    /// The group existed and has one more holder.
    AlreadyMember,
}

/// What a leave did. Only [`Leave::Left`] has to be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave<T> {
    /// The last holder left and the group is gone.
    Left(T),
    /// The group still has holders.
    StillMember,
    /// There was no such group.
    NotMember,
}

/// A group on its device's list, protected against other writers.
pub(crate) trait Occupied {
    /// The group after its removal.
    type Delisted;

    /// The number of holders.
    fn users(&self) -> Users;
    /// Sets the number of holders.
    fn set_users(&mut self, users: Users);
    /// Takes it off the list.
    fn remove(self) -> Self::Delisted;
}

/// A free place on a device's list, protected against other writers.
pub(crate) trait Vacant {
    /// A group that is on no list.
    type Unlisted;
    /// A reference to the group on the list.
    type Listed;

    /// Puts `group` on the list, which takes references of its own.
    fn insert(self, group: &Self::Unlisted) -> Self::Listed;
}

/// The place of an address on a device's list.
pub(crate) enum Entry<L, F> {
    /// The group is there.
    Occupied(L),
    /// There is no such group.
    Vacant(F),
}

/// Adds a holder. If the group does not exist, `new`, with one holder, is listed. The caller keeps
/// `new`, to drop it after the lock.
pub(crate) fn join<L: Occupied, F: Vacant>(
    entry: Entry<L, F>,
    new: &F::Unlisted,
) -> Result<Join<F::Listed>, Full> {
    match entry {
        Entry::Occupied(group) => join_listed(group),
        Entry::Vacant(place) => Ok(Join::Joined(place.insert(new))),
    }
}

/// Adds a holder to a listed group.
pub(crate) fn join_listed<T>(mut group: impl Occupied) -> Result<Join<T>, Full> {
    let users = group.users().join()?;
    group.set_users(users);
    Ok(Join::AlreadyMember)
}

/// Removes a holder.
pub(crate) fn leave<L: Occupied, F>(entry: Entry<L, F>) -> Leave<L::Delisted> {
    let Entry::Occupied(mut group) = entry else {
        return Leave::NotMember;
    };
    match group.users().leave() {
        Some(users) => {
            group.set_users(users);
            Leave::StillMember
        }
        None => Leave::Left(group.remove()),
    }
}

/// A group cannot count more holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The number of holders of a group: the kernel's `aca_users`, shown in `/proc/net/anycast6`.
///
/// # Invariants
///
/// At least one while the group is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Users(i32);

impl Users {
    /// The single holder of a new group.
    pub(crate) const FIRST: Self = Self(1);

    /// The largest count.
    pub(crate) const MAX: u32 = i32::MAX.unsigned_abs();

    /// `count` holders; [`None`] for zero, or for more than can be counted.
    pub(crate) fn new(count: u32) -> Option<Self> {
        // INVARIANT: At least one.
        i32::try_from(count)
            .ok()
            .filter(|&count| count > 0)
            .map(Self)
    }

    /// From the kernel's count.
    pub(crate) const fn from_raw(count: i32) -> Self {
        Self(count)
    }

    /// The count as the kernel keeps it.
    pub(crate) const fn as_raw(self) -> i32 {
        self.0
    }

    /// Adds a holder.
    fn join(self) -> Result<Self, Full> {
        self.0.checked_add(1).map(Self).ok_or(Full)
    }

    /// Removes a holder; [`None`] when that was the last one.
    fn leave(self) -> Option<Self> {
        match self.0 {
            ..=1 => None,
            // INVARIANT: At least two minus one.
            count => Some(Self(count - 1)),
        }
    }
}
