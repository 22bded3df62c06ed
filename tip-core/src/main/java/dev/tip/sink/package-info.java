// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Sinks: where indicators go. */
@NullMarked
package dev.tip.sink;

import org.jspecify.annotations.NullMarked;
