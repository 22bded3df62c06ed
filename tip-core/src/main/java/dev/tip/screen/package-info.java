// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Screening: what must never become an indicator. */
@NullMarked
package dev.tip.screen;

import org.jspecify.annotations.NullMarked;
