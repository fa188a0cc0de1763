// SPDX-License-Identifier: GPL-2.0

//! Macros of the kernel's crates.

/// The log, which nobody reads. The arguments are compiled.
#[macro_export]
macro_rules! pr_info {
    ($($arg:tt)*) => {{
        let _ = ::std::format_args!($($arg)*);
    }};
}

/// Likewise.
#[macro_export]
macro_rules! pr_warn {
    ($($arg:tt)*) => { $crate::pr_info!($($arg)*) };
}

/// Likewise.
#[macro_export]
macro_rules! pr_err {
    ($($arg:tt)*) => { $crate::pr_info!($($arg)*) };
}

/// What makes a value where it is to stay, which is anywhere on the host: a closure.
#[macro_export]
macro_rules! pin_init {
    ($name:ident { $($fields:tt)* }) => {
        move || $crate::pin_init!(@fields $name {} $($fields)*)
    };
    (@fields $name:ident { $($done:tt)* }) => { $name { $($done)* } };
    (@fields $name:ident { $($done:tt)* } $field:ident <- $value:expr, $($rest:tt)*) => {
        $crate::pin_init!(@fields $name { $($done)* $field: $value, } $($rest)*)
    };
    (@fields $name:ident { $($done:tt)* } $field:ident : $value:expr, $($rest:tt)*) => {
        $crate::pin_init!(@fields $name { $($done)* $field: $value, } $($rest)*)
    };
    (@fields $name:ident { $($done:tt)* } $field:ident, $($rest:tt)*) => {
        $crate::pin_init!(@fields $name { $($done)* $field, } $($rest)*)
    };
}

/// A mutex, with its name.
#[macro_export]
macro_rules! new_mutex {
    ($value:expr, $name:literal) => {
        $crate::sync::Mutex::new($value, $name)
    };
}

/// A lock that is there for all, see [`Global`](crate::sync::Global).
#[macro_export]
macro_rules! global_lock {
    ($(#[$meta:meta])* $vis:vis unsafe(uninit) static $name:ident: $kind:ident<$item:ty> = $value:expr;) => {
        #[doc = "Stands for the lock of this name."]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        $vis enum $name {}

        impl $crate::sync::GlobalItem for $name {
            type Item = $item;
            const NAME: &'static str = ::std::concat!("takes ", ::std::stringify!($name));
            const SPINS: bool = $crate::spins!($kind);

            #[allow(clippy::unnecessary_safety_comment)]
            fn initial() -> $item {
                $value
            }
        }

        // The kernel's macro needs its prelude where it is used, so that is imported there.
        const _: Option<Error> = None;

        $(#[$meta])*
        $vis static $name: $crate::sync::Global<$name> = $crate::sync::Global::new();
    };
}

/// Is that the kind of a lock under which nobody sleeps?
#[macro_export]
macro_rules! spins {
    (Mutex) => {
        false
    };
    (SpinLockIrq) => {
        true
    };
}
