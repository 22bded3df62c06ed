// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** The catalogue of public threat feeds. */
@NullMarked
package dev.tip.catalog;

import org.jspecify.annotations.NullMarked;
