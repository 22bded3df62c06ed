// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Feeds: where indicators come from, and how they are fetched. */
@NullMarked
package dev.tip.feed;

import org.jspecify.annotations.NullMarked;
