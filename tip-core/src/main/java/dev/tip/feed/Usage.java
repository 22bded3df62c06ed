// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

/** What the indicators are used for; the terms of some feeds forbid one of these. */
public enum Usage {
  /** In or for a business. */
  COMMERCIAL,
  /** Private, in research or teaching, or by a non-profit organisation. */
  NON_COMMERCIAL
}
