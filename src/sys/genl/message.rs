// SPDX-License-Identifier: GPL-2.0

//! Messages of the family.

use super::{
    family,
    numbers::{
        Attribute,
        Command, //
    },
};
use crate::bindings;
use core::{
    ffi::c_int,
    mem::ManuallyDrop,
    ptr::NonNull, //
};
use kernel::{
    error::to_result,
    prelude::*, //
};

/// The longest text with its end: the name of a module.
const TEXT: usize = bindings::ANYCAST6_MODULE_NAME_LEN;

/// A message under construction, between its header and its end.
///
/// # Invariants
///
/// Nobody else writes to the buffer.
pub(crate) struct Message(NonNull<bindings::sk_buff>);

impl Message {
    /// Writes an attribute. Fails with `EMSGSIZE`.
    pub(crate) fn put(&mut self, attribute: impl Attribute, bytes: &[u8]) -> Result {
        // SAFETY: The buffer is ours to write to, and the bytes are read during the call only.
        to_result(unsafe {
            bindings::nla_put(
                self.0.as_ptr(),
                attribute.number(),
                bytes.len() as c_int,
                bytes.as_ptr().cast(),
            )
        })
    }

    /// Writes a number of 32 bits.
    pub(crate) fn put_u32(&mut self, attribute: impl Attribute, value: u32) -> Result {
        self.put(attribute, &value.to_ne_bytes())
    }

    /// Writes a number of as many bits as it needs, 32 or 64.
    pub(crate) fn put_uint(&mut self, attribute: impl Attribute, value: u64) -> Result {
        match u32::try_from(value) {
            Ok(value) => self.put_u32(attribute, value),
            Err(_) => self.put(attribute, &value.to_ne_bytes()),
        }
    }

    /// Writes a text, without what is too long.
    pub(crate) fn put_text(&mut self, attribute: impl Attribute, text: &[u8]) -> Result {
        let mut copy = [0; TEXT];
        let len = text.len().min(TEXT - 1);
        copy[..len].copy_from_slice(&text[..len]);
        self.put(attribute, &copy[..=len])
    }
}

/// Whom a message is for.
pub(super) struct Addressee {
    pub(super) port: u32,
    pub(super) sequence: u32,
    pub(super) flags: c_int,
}

/// Writes a message to `skb`: its header, what `fill` writes, and its end. Fails with `EMSGSIZE`; nothing has
/// been written then.
///
/// # Safety
///
/// `skb` is a netlink buffer to which nobody else writes.
pub(super) unsafe fn write(
    skb: NonNull<bindings::sk_buff>,
    to: &Addressee,
    command: Command,
    fill: impl FnOnce(&mut Message) -> Result,
) -> Result {
    // SAFETY: The buffer is ours to write to, by our contract, and the family static.
    let header = unsafe {
        bindings::genlmsg_put(
            skb.as_ptr(),
            to.port,
            to.sequence,
            family(),
            to.flags,
            command as u8,
        )
    };
    if header.is_null() {
        return Err(EMSGSIZE);
    }
    // INVARIANT: By our contract nobody else writes to it.
    let filled = fill(&mut Message(skb));
    // SAFETY: The header is in the buffer, and was the last to be written before the message was filled.
    unsafe {
        match filled {
            Ok(()) => bindings::anycast6_helper_genlmsg_end(skb.as_ptr(), header),
            Err(_) => bindings::anycast6_helper_genlmsg_cancel(skb.as_ptr(), header),
        }
    }
    filled
}

/// What can be written to a message.
pub(crate) trait Put {
    /// The kind of message.
    const COMMAND: Command;

    /// Writes it. Fails with `EMSGSIZE`.
    fn put(&self, message: &mut Message) -> Result;
}

/// A buffer for one message.
///
/// # Invariants
///
/// It is nobody else's.
pub(super) struct Buffer(NonNull<bindings::sk_buff>);

impl Buffer {
    /// Sleeps. Fails with `ENOMEM`, or with `EMSGSIZE`.
    pub(super) fn with(
        to: &Addressee,
        command: Command,
        fill: impl FnOnce(&mut Message) -> Result,
    ) -> Result<Self> {
        // SAFETY: The call has no preconditions but process context.
        let skb = unsafe { bindings::anycast6_helper_genlmsg_new() };
        // INVARIANT: It has just been allocated.
        let buffer = Self(NonNull::new(skb).ok_or(ENOMEM)?);
        // SAFETY: It is ours.
        unsafe { write(buffer.0, to, command, fill)? };
        Ok(buffer)
    }

    pub(super) fn into_raw(self) -> *mut bindings::sk_buff {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: It is nobody else's.
        unsafe { bindings::anycast6_helper_kfree_skb(self.0.as_ptr()) }
    }
}
