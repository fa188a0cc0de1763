// SPDX-License-Identifier: GPL-2.0

//! `rust/kernel/rbtree.rs`, over the standard library's.

use crate::{alloc::Flags, error::Error};
use std::collections::{
    btree_map::{self, BTreeMap},
    Bound,
};

/// A tree.
#[derive(Hash)]
pub struct RBTree<K, V>(BTreeMap<K, V>);

/// Memory for a node.
#[derive(Hash)]
pub struct RBTreeNodeReservation<K, V>(std::marker::PhantomData<(K, V)>);

/// A node on no tree.
pub struct RBTreeNode<K, V>(K, V);

impl<K, V> RBTreeNodeReservation<K, V> {
    /// Takes memory.
    pub fn new(_flags: Flags) -> Result<Self, Error> {
        Ok(Self(std::marker::PhantomData))
    }

    /// The node.
    pub fn into_node(self, key: K, value: V) -> RBTreeNode<K, V> {
        RBTreeNode(key, value)
    }
}

impl<K, V> RBTreeNode<K, V> {
    /// Takes memory.
    pub fn new(key: K, value: V, _flags: Flags) -> Result<Self, Error> {
        Ok(Self(key, value))
    }

    /// Its memory.
    pub fn into_reservation(self) -> RBTreeNodeReservation<K, V> {
        RBTreeNodeReservation(std::marker::PhantomData)
    }
}

/// The place of a key.
pub enum Entry<'a, K, V> {
    /// It is taken.
    Occupied(Occupied<'a, K, V>),
    /// It is not.
    Vacant(Vacant<'a, K, V>),
}

/// A node.
pub struct Occupied<'a, K, V>(btree_map::OccupiedEntry<'a, K, V>);

/// Room for a node.
pub struct Vacant<'a, K, V>(btree_map::VacantEntry<'a, K, V>);

impl<K: Ord, V> Occupied<'_, K, V> {
    /// Its value.
    pub fn get(&self) -> &V {
        self.0.get()
    }

    /// Its value.
    pub fn get_mut(&mut self) -> &mut V {
        self.0.get_mut()
    }

    /// Takes it away.
    pub fn remove(self) -> V {
        self.0.remove()
    }
}

impl<'a, K: Ord, V> Vacant<'a, K, V> {
    /// Puts a node there.
    pub fn insert(self, value: V, _node: RBTreeNodeReservation<K, V>) -> &'a mut V {
        self.0.insert(value)
    }
}

/// A node and its neighbours.
pub struct Cursor<'a, K, V> {
    tree: &'a BTreeMap<K, V>,
    here: (&'a K, &'a V),
}

impl<'a, K: Ord, V> Cursor<'a, K, V> {
    /// The node.
    pub fn current(&self) -> (&'a K, &'a V) {
        self.here
    }

    /// The one behind it.
    pub fn peek_next(&self) -> Option<(&'a K, &'a V)> {
        let behind = (Bound::Excluded(self.here.0), Bound::Unbounded);
        self.tree.range(behind).next()
    }
}

impl<K: Ord, V> RBTree<K, V> {
    /// Without nodes.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key)
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.keys()
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.values()
    }

    /// Puts a node on the tree; returns the one that was in its place.
    pub fn insert(&mut self, node: RBTreeNode<K, V>) -> Option<V> {
        self.0.insert(node.0, node.1)
    }

    /// The same, with memory for it.
    pub fn try_create_and_insert(
        &mut self,
        key: K,
        value: V,
        _flags: Flags,
    ) -> Result<Option<V>, Error> {
        Ok(self.0.insert(key, value))
    }

    /// Takes the node of `key` away.
    pub fn remove_node(&mut self, key: &K) -> Option<RBTreeNode<K, V>> {
        let (key, value) = self.0.remove_entry(key)?;
        Some(RBTreeNode(key, value))
    }

    /// The same, for its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key)
    }

    /// The node of `key`.
    pub fn find_mut(&mut self, key: &K) -> Option<Occupied<'_, K, V>>
    where
        K: Clone,
    {
        match self.0.entry(key.clone()) {
            btree_map::Entry::Occupied(node) => Some(Occupied(node)),
            btree_map::Entry::Vacant(_) => None,
        }
    }

    /// The place of `key`.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        match self.0.entry(key) {
            btree_map::Entry::Occupied(node) => Entry::Occupied(Occupied(node)),
            btree_map::Entry::Vacant(room) => Entry::Vacant(Vacant(room)),
        }
    }

    /// At the node of `key`, or the first one behind.
    pub fn cursor_lower_bound(&self, key: &K) -> Option<Cursor<'_, K, V>> {
        let here = self
            .0
            .range((Bound::Included(key), Bound::Unbounded))
            .next()?;
        Some(Cursor {
            tree: &self.0,
            here,
        })
    }
}
