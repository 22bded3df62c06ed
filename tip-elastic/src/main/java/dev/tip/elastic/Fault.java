// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import dev.tip.sink.SinkException;
import org.jspecify.annotations.Nullable;

/** What an answer of the bulk API means for a request or for one of its operations. */
enum Fault {
  /** None: it is stored. */
  NONE,
  /** A newer version is there. */
  CONFLICT,
  /** This document is refused for good. */
  DOCUMENT,
  /** The request is too large. */
  TOO_LARGE,
  /** Passing or unknown: try again. */
  RETRY,
  /** The index takes no writes at the moment, for example because the disk is full. */
  BLOCKED_FOR_NOW,
  /** The index takes no writes until somebody lifts the block. */
  BLOCKED,
  /** Credentials or privileges. */
  AUTH,
  /** Index, alias or mapping are not as they must be. */
  CONFIG;

  /**
   * Tells what an answer means.
   *
   * @param status HTTP status of the request or of the operation
   * @param type {@code error.type}, empty if there is none
   */
  static Fault of(int status, String type) {
    if (status >= 200 && status < 300 && type.isEmpty()) {
      return NONE;
    }
    return switch (type) {
      case "version_conflict_engine_exception" -> CONFLICT;
      // 429 is a disk that is too full; with 503 the cluster has no master or recovers its state.
      case "cluster_block_exception" ->
          status == 403 ? BLOCKED : status == 503 ? RETRY : BLOCKED_FOR_NOW;
      case "security_exception" -> AUTH;
      case "index_not_found_exception",
          "index_closed_exception",
          "invalid_index_name_exception",
          "alias_missing_exception",
          "validation_exception",
          "action_request_validation_exception",
          "media_type_header_exception" ->
          CONFIG;
      default -> ofStatus(status);
    };
  }

  /** Returns whether the same request may succeed later, without anybody's help. */
  boolean isPassing() {
    return this == RETRY || this == BLOCKED_FOR_NOW;
  }

  private static Fault ofStatus(int status) {
    return switch (status) {
      case 400 -> DOCUMENT;
      case 401, 403 -> AUTH;
      case 301, 302, 303, 307, 308, 404, 405, 406, 415 -> CONFIG;
      case 409 -> CONFLICT;
      case 413 -> TOO_LARGE;
      default -> RETRY;
    };
  }

  /**
   * Returns the exception that ends a call.
   *
   * @param what what was asked for, or could not be done
   * @param reason a stable code: the server's error type, or one of our own
   * @param detail a sentence, escaped; may be empty
   */
  SinkException failure(String what, String reason, String detail, @Nullable Throwable cause) {
    return new SinkException(
        kind(),
        what + ": " + advice() + " (" + reason + (detail.isEmpty() ? "" : ": " + detail) + ')',
        cause);
  }

  private SinkException.Kind kind() {
    return switch (this) {
      case BLOCKED, BLOCKED_FOR_NOW -> SinkException.Kind.BLOCKED;
      case AUTH -> SinkException.Kind.AUTH;
      // A whole request that is refused like a document: the server is not what we take it for.
      case CONFIG, DOCUMENT, TOO_LARGE -> SinkException.Kind.CONFIG;
      case NONE, CONFLICT, RETRY -> SinkException.Kind.UNREACHABLE;
    };
  }

  private String advice() {
    return switch (this) {
      case BLOCKED, BLOCKED_FOR_NOW ->
          "the index takes no writes; free disk space or lift its block, or finish an installation"
              + " that moves it and was cut off";
      case AUTH -> "the credentials do not allow it; check the API key and its privileges";
      case CONFIG ->
          "the index is not set up for this; install it with an administrator's key, by tip install,"
              + " ElasticsearchAdmin or the setting install=true";
      case DOCUMENT, TOO_LARGE ->
          "the server refuses it; check that it is an Elasticsearch of a supported version";
      case NONE, CONFLICT, RETRY ->
          "there was no usable answer in time; check that the server is up and not overloaded";
    };
  }
}
