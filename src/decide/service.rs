// SPDX-License-Identifier: GPL-2.0

//! What has been asked of the host for a group that is held: to serve it, to take no new clients for a
//! time (*drain*), or not to serve it (*suspend*), and until when (*lease*).
//!
//! ```text
//!             drain                  time is over              grace is over
//!   Serving ---------> Draining ---------------------> Parting ---------------> Suspended
//!                                 the peer is announced
//! ```
//!
//! `suspend` leads from each of these to the last, `resume` to the first; so does the end of a lease, and its
//! renewal. Times are in milliseconds of a clock that only goes on.

/// From the announcement of the peer to the end of deliveries, for packets that are on their way and for
/// neighbours that have not heard it.
pub(crate) const GRACE: u64 = 1_000;

/// What the host does for a group that is held and that its device can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It serves the group.
    Serving,
    /// It serves those neighbours that know it, and takes no new ones.
    Draining,
    /// The same, while the neighbours are shown the peer.
    Parting,
    /// It does not serve the group.
    Suspended,
}

/// Who asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asker<U> {
    /// The user.
    pub(crate) user: U,
    /// Has `CAP_NET_ADMIN` where the group is.
    pub(crate) privileged: bool,
    /// Holds the group.
    pub(crate) holds: bool,
    /// Nobody else does.
    pub(crate) alone: bool,
}

/// A change that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Not to serve the group.
    Suspend,
    /// To serve it again.
    Resume,
    /// To take no new clients for so many milliseconds, then not to serve the group.
    Drain(u32),
    /// To serve it for so many milliseconds unless asked again; zero: without such a limit.
    Lease(u32),
}

/// Why a change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The user does not hold the group.
    NotHeld,
    /// The user holds it, and others do, too.
    Shared,
    /// A privileged user has asked for what is now.
    Privileged,
    /// The group is suspended, and cannot drain.
    Suspended,
    /// A drain needs a time.
    NoTime,
}

/// A user who has asked for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Hash))]
struct By<U> {
    user: U,
    privileged: bool,
    /// Held the group then: what was asked for ends when this user holds it no longer.
    held: bool,
}

/// What is asked for until it is asked otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Hash))]
enum Wish {
    Drain { until: u64 },
    Suspend,
}

/// What has been asked for one group.
///
/// # Invariants
///
/// Who asked without privilege was the only holder then, and still is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Service<U> {
    wish: Option<(Wish, By<U>)>,
    /// The end of the lease.
    lease: Option<(u64, By<U>)>,
}

impl<U: Copy + PartialEq> Service<U> {
    /// Nothing has been asked for: the host serves the group.
    pub(crate) const fn new() -> Self {
        Self {
            wish: None,
            lease: None,
        }
    }

    /// Whether nothing has been asked for.
    pub(crate) fn is_idle(&self) -> bool {
        self.wish.is_none() && self.lease.is_none()
    }

    /// What the host does at `now`.
    pub(crate) fn phase(&self, now: u64) -> Phase {
        if self.lease_is_over(now) {
            return Phase::Suspended;
        }
        match self.wish {
            None => Phase::Serving,
            Some((Wish::Drain { until }, _)) if now < until => Phase::Draining,
            Some((Wish::Drain { until }, _)) if now < until + GRACE => Phase::Parting,
            Some(_) => Phase::Suspended,
        }
    }

    /// The next time when that changes by itself.
    pub(crate) fn due(&self, now: u64) -> Option<u64> {
        let lease = self.lease.map(|(end, _)| end);
        let [parting, over] = match self.wish {
            Some((Wish::Drain { until }, _)) => [Some(until), Some(until + GRACE)],
            _ => [None; 2],
        };
        let times = [lease, parting, over].into_iter().flatten();
        times.filter(|&time| time > now).min()
    }

    /// How long the drain goes on.
    pub(crate) fn drain_left(&self, now: u64) -> Option<u64> {
        match self.wish {
            Some((Wish::Drain { until }, _)) => until.checked_sub(now),
            _ => None,
        }
    }

    /// How long the lease goes on; zero when it has run out.
    pub(crate) fn lease_left(&self, now: u64) -> Option<u64> {
        self.lease.map(|(end, _)| end.saturating_sub(now))
    }

    /// What is asked for after `order`.
    pub(crate) fn ordered(self, order: Order, asker: &Asker<U>, now: u64) -> Result<Self, Refusal> {
        let by = may(asker)?;
        match order {
            Order::Suspend => self.wishing(Some(Wish::Suspend), by),
            Order::Resume => Ok(Self {
                lease: self.lease.filter(|_| !self.lease_is_over(now)),
                ..self.resumed(by, now)?
            }),
            Order::Drain(0) => Err(Refusal::NoTime),
            Order::Drain(_) if self.phase(now) == Phase::Suspended => Err(Refusal::Suspended),
            Order::Drain(msecs) => {
                let until = now + u64::from(msecs);
                self.wishing(Some(Wish::Drain { until }), by)
            }
            Order::Lease(msecs) => {
                allows(self.lease.map(|(_, by)| by), &by)?;
                let end = (msecs > 0).then_some((now + u64::from(msecs), by));
                Ok(Self { lease: end, ..self })
            }
        }
    }

    /// A hold was added, of this user's, or of nobody's.
    pub(crate) fn joined(self, user: Option<U>) -> Self {
        self.keep(|by| by.privileged || user == Some(by.user))
    }

    /// A hold was removed. `holds`: whether a user still has one.
    pub(crate) fn left(self, holds: impl Fn(U) -> bool) -> Self {
        self.keep(|by| !by.held || holds(by.user))
    }

    fn keep(self, stands: impl Fn(&By<U>) -> bool) -> Self {
        Self {
            wish: self.wish.filter(|(_, by)| stands(by)),
            lease: self.lease.filter(|(_, by)| stands(by)),
        }
    }

    fn resumed(self, by: By<U>, now: u64) -> Result<Self, Refusal> {
        if self.lease_is_over(now) {
            allows(self.lease.map(|(_, by)| by), &by)?;
        }
        self.wishing(None, by)
    }

    fn wishing(self, wish: Option<Wish>, by: By<U>) -> Result<Self, Refusal> {
        allows(self.wish.map(|(_, by)| by), &by)?;
        Ok(Self {
            wish: wish.map(|wish| (wish, by)),
            ..self
        })
    }

    fn lease_is_over(&self, now: u64) -> bool {
        self.lease_left(now) == Some(0)
    }
}

/// Whether `asker` may ask for anything: with privilege, or as the only holder.
fn may<U: Copy>(asker: &Asker<U>) -> Result<By<U>, Refusal> {
    let by = By {
        user: asker.user,
        privileged: asker.privileged,
        held: asker.holds,
    };
    match (asker.privileged, asker.holds, asker.alone) {
        (true, ..) | (_, true, true) => Ok(by),
        (false, true, false) => Err(Refusal::Shared),
        (false, false, _) => Err(Refusal::NotHeld),
    }
}

/// Whether `by` may change what `before` has asked for.
fn allows<U: PartialEq>(before: Option<By<U>>, by: &By<U>) -> Result<(), Refusal> {
    match before {
        Some(before) if before.privileged && !by.privileged && before.user != by.user => {
            Err(Refusal::Privileged)
        }
        _ => Ok(()),
    }
}
