// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.sink.SinkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an answer means, as a table. */
class FaultTest {
  @ParameterizedTest
  @CsvSource({
    "200,,NONE",
    "201,,NONE",
    // A success that names an error is none.
    "200,some_exception,RETRY",
    "400,document_parsing_exception,DOCUMENT",
    "400,mapper_parsing_exception,DOCUMENT",
    "400,strict_dynamic_mapping_exception,DOCUMENT",
    "400,illegal_argument_exception,DOCUMENT",
    "400,,DOCUMENT",
    "400,index_closed_exception,CONFIG",
    "400,invalid_index_name_exception,CONFIG",
    "400,validation_exception,CONFIG",
    "400,action_request_validation_exception,CONFIG",
    "401,security_exception,AUTH",
    "401,,AUTH",
    "403,security_exception,AUTH",
    "403,,AUTH",
    "403,cluster_block_exception,BLOCKED",
    "429,cluster_block_exception,BLOCKED_FOR_NOW",
    "503,cluster_block_exception,RETRY",
    "404,index_not_found_exception,CONFIG",
    "404,alias_missing_exception,CONFIG",
    "404,,CONFIG",
    "406,media_type_header_exception,CONFIG",
    "409,version_conflict_engine_exception,CONFLICT",
    "409,,CONFLICT",
    "413,,TOO_LARGE",
    "429,es_rejected_execution_exception,RETRY",
    "429,circuit_breaking_exception,RETRY",
    "500,some_new_exception,RETRY",
    "502,,RETRY",
    "503,unavailable_shards_exception,RETRY",
    "504,,RETRY",
    "302,,CONFIG",
    "405,,CONFIG",
    "415,,CONFIG",
    "0,,RETRY",
    "-1,,RETRY"
  })
  void anAnswerMeans(int status, String type, Fault fault) {
    assertThat(Fault.of(status, type == null ? "" : type)).isEqualTo(fault);
  }

  @ParameterizedTest
  @CsvSource({
    "NONE,UNREACHABLE",
    "CONFLICT,UNREACHABLE",
    "RETRY,UNREACHABLE",
    "DOCUMENT,CONFIG",
    "TOO_LARGE,CONFIG",
    "CONFIG,CONFIG",
    "BLOCKED,BLOCKED",
    "BLOCKED_FOR_NOW,BLOCKED",
    "AUTH,AUTH"
  })
  void aFaultThatEndsACallIsOfAKind(Fault fault, SinkException.Kind kind) {
    assertThat(fault.failure("what", "reason", "", null).kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void theMessageSaysWhatAndWhyAndWhatToDo(Fault fault) {
    assertThat(fault.failure("alias a", "some_exception", "the detail", null))
        .hasMessageStartingWith("alias a: ")
        .hasMessageContaining(";")
        .hasMessageEndingWith(" (some_exception: the detail)");
  }

  @Test
  void aDetailThatIsAbsentIsLeftOut() {
    assertThat(Fault.AUTH.failure("a", "http-401", "", null)).hasMessageEndingWith(" (http-401)");
  }
}
