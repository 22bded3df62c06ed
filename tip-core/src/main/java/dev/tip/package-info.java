// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Indicators of compromise: what a threat list states, about which cyber-observable. */
@NullMarked
package dev.tip;

import org.jspecify.annotations.NullMarked;
