// SPDX-License-Identifier: GPL-2.0

//! A socket's membership of a group: for accounting, for users of `anycast6_members`, and for TCP.

use super::quota::Share;
use crate::{
    decide::holders::Holder,
    store::joined::Joined,
    sys::{
        net_device::NetDevice,
        objects::{
            Counted,
            MEMBERS, //
        },
        pid::Pid,
        sock::Sock, //
    },
};
use core::net::Ipv6Addr;
use kernel::{
    fmt,
    prelude::*,
    sync::aref::ARef,
    task::Kuid, //
};

/// A membership.
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Member {
    cookie: u64,
    uid: Kuid,
    _share: Share,
    process: ARef<Pid>,
    privileged: bool,
    /// Lets SYNs to the group find the socket.
    _joined: Option<Joined>,
    _counted: Counted<MEMBERS>,
}

impl Member {
    /// The current process joins `addr` on `device` with `sock`. Sleeps. Fails with `ENOMEM`, or
    /// with `ENOBUFS` when the user has reached the limit of memberships.
    pub(crate) fn new(sock: &Sock, device: &NetDevice, addr: &Ipv6Addr) -> Result<Self> {
        let joined = || Joined::new(sock, device.ifindex(), addr);
        Ok(Self {
            cookie: sock.cookie(),
            uid: Kuid::current_euid(),
            _share: Share::take()?,
            process: Pid::current(),
            privileged: sock.net().admin_capable(),
            _joined: sock.is_tcp().then(joined).transpose()?,
            _counted: Counted::new(),
        })
    }

    /// The socket, user and process that joined.
    pub(crate) fn who(&self) -> Who {
        Who {
            cookie: self.cookie,
            uid: self.uid,
            process: self.process.clone(),
        }
    }

    /// The user who joined.
    pub(crate) fn user(&self) -> Kuid {
        self.uid
    }

    /// The kind of hold.
    pub(crate) fn holder(&self) -> Holder {
        Holder::Socket {
            privileged: self.privileged,
        }
    }
}

/// The holder of a membership, shown in the reader's namespaces.
pub(crate) struct Who {
    cookie: u64,
    uid: Kuid,
    process: ARef<Pid>,
}

impl Who {
    /// The cookie of the socket.
    pub(crate) fn cookie(&self) -> u64 {
        self.cookie
    }

    /// The user, in the user namespace of the current task.
    pub(crate) fn uid(&self) -> u32 {
        self.uid.into_uid_in_current_ns()
    }

    /// The process, in the PID namespace of the current task; zero if it is not there.
    pub(crate) fn pid(&self) -> u32 {
        u32::try_from(self.process.number()).unwrap_or(0)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "socket {} uid {} pid {}",
            self.cookie(),
            self.uid(),
            self.pid()
        )
    }
}
