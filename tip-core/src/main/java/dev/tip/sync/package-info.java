// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Synchronisation of feeds with a sink. */
@NullMarked
package dev.tip.sync;

import org.jspecify.annotations.NullMarked;
