// SPDX-License-Identifier: GPL-2.0

//! The counters of each network namespace, and their names in `/proc/net/anycast6_stat`.

/// An event of the groups of a namespace. With a complete index, only [`Counter::Reset`] is per
/// packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    /// A hold was taken, by any kind of holder.
    Join,
    /// A hold was dropped.
    Leave,
    /// A socket's join was refused.
    Refused(Reason),
    /// A group was published.
    Published,
    /// A published group ended.
    Withdrawn,
    /// A group that has holders became dormant: its device cannot carry it, or it yields.
    Dormant,
    /// The deleted route of a group was restored.
    Reconciled,
    /// A look-up walked one of the kernel's lists, because the index could not be used.
    Walk,
    /// A hold ended with its device.
    Lost,
    /// A group that has holders became dormant, as [`Counter::Dormant`] counts, because its address
    /// became a unicast address of its device.
    Yielded,
    /// A route of a group was added to the namespace's export table.
    Exported,
    /// That failed.
    ExportFailed,
    /// A solicitation was sent, to find another member of a group or to hear whether it still is
    /// one.
    Solicited,
    /// It was answered.
    Answered,
    /// A group was handed over to another member.
    HandedOver,
    /// That member, or this one, was announced.
    Announced,
    /// A group began to drain.
    Drained,
    /// A group that has holders became dormant, as [`Counter::Dormant`] counts, because its service
    /// asked for it.
    Suspended,
    /// Other members were told that this one lives.
    BeatSent,
    /// Another member told that.
    BeatHeard,
    /// Other members were told that this one beats no more.
    LastWordSent,
    /// Another member told that.
    LastWordHeard,
    /// The beats of another member stay away.
    MemberLost,
    /// This member began to announce itself, for one that is lost or has left.
    TakenOver,
    /// A segment of an unknown connection was answered by a reset.
    Reset,
}

/// Why a join was refused, by the errno that the program gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// `EPERM`
    Permission,
    /// `EINVAL`: the address cannot be an anycast address, or is one of the host's own.
    Address,
    /// `ENODEV`
    Device,
    /// `EADDRNOTAVAIL`: no device suits, or the address is on no prefix of the device of a host.
    Unavailable,
    /// `EACCES`: IPv6 is disabled on the device.
    Disabled,
    /// `ENOBUFS`: `net.ipv6.anycast6.max_groups` or `max_user_memberships` is reached.
    Limit,
    /// `ENOMEM`
    Memory,
    /// Anything else.
    Other,
}

impl Reason {
    /// The reason for a positive errno.
    pub(crate) fn of(errno: i32) -> Self {
        match errno {
            1 => Self::Permission,
            12 => Self::Memory,
            13 => Self::Disabled,
            19 => Self::Device,
            22 => Self::Address,
            99 => Self::Unavailable,
            105 => Self::Limit,
            _ => Self::Other,
        }
    }
}

impl Counter {
    /// The number of counters.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// All counters, in the order of the file.
    pub(crate) const ALL: [Self; 32] = [
        Self::Join,
        Self::Leave,
        Self::Refused(Reason::Permission),
        Self::Refused(Reason::Address),
        Self::Refused(Reason::Device),
        Self::Refused(Reason::Unavailable),
        Self::Refused(Reason::Disabled),
        Self::Refused(Reason::Limit),
        Self::Refused(Reason::Memory),
        Self::Refused(Reason::Other),
        Self::Published,
        Self::Withdrawn,
        Self::Dormant,
        Self::Reconciled,
        Self::Walk,
        Self::Lost,
        Self::Yielded,
        Self::Exported,
        Self::ExportFailed,
        Self::Solicited,
        Self::Answered,
        Self::HandedOver,
        Self::Announced,
        Self::Drained,
        Self::Suspended,
        Self::BeatSent,
        Self::BeatHeard,
        Self::LastWordSent,
        Self::LastWordHeard,
        Self::MemberLost,
        Self::TakenOver,
        Self::Reset,
    ];

    /// Its index in [`Counter::ALL`].
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Join => 0,
            Self::Leave => 1,
            Self::Refused(reason) => 2 + reason as usize,
            Self::Published => 10,
            Self::Withdrawn => 11,
            Self::Dormant => 12,
            Self::Reconciled => 13,
            Self::Walk => 14,
            Self::Lost => 15,
            Self::Yielded => 16,
            Self::Exported => 17,
            Self::ExportFailed => 18,
            Self::Solicited => 19,
            Self::Answered => 20,
            Self::HandedOver => 21,
            Self::Announced => 22,
            Self::Drained => 23,
            Self::Suspended => 24,
            Self::BeatSent => 25,
            Self::BeatHeard => 26,
            Self::LastWordSent => 27,
            Self::LastWordHeard => 28,
            Self::MemberLost => 29,
            Self::TakenOver => 30,
            Self::Reset => 31,
        }
    }

    /// Its name in the file: ABI.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Join => "joins",
            Self::Leave => "leaves",
            Self::Refused(Reason::Permission) => "refused_permission",
            Self::Refused(Reason::Address) => "refused_address",
            Self::Refused(Reason::Device) => "refused_device",
            Self::Refused(Reason::Unavailable) => "refused_unavailable",
            Self::Refused(Reason::Disabled) => "refused_disabled",
            Self::Refused(Reason::Limit) => "refused_limit",
            Self::Refused(Reason::Memory) => "refused_memory",
            Self::Refused(Reason::Other) => "refused_other",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
            Self::Dormant => "dormant",
            Self::Reconciled => "reconciled",
            Self::Walk => "walks",
            Self::Lost => "lost",
            Self::Yielded => "yielded",
            Self::Exported => "exported",
            Self::ExportFailed => "export_failed",
            Self::Solicited => "member_solicitations",
            Self::Answered => "member_answers",
            Self::HandedOver => "handovers",
            Self::Announced => "announcements",
            Self::Drained => "drained",
            Self::Suspended => "suspended",
            Self::BeatSent => "beats_sent",
            Self::BeatHeard => "beats_heard",
            Self::LastWordSent => "last_words_sent",
            Self::LastWordHeard => "last_words_heard",
            Self::MemberLost => "members_lost",
            Self::TakenOver => "takeovers",
            Self::Reset => "resets",
        }
    }
}
