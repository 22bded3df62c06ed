// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** The projection of indicators to Elastic Common Schema. */
@NullMarked
package dev.tip.ecs;

import org.jspecify.annotations.NullMarked;
