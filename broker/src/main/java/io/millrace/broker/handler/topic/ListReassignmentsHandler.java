package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListPartitionReassignmentsResponse;

/** ListPartitionReassignments: with one node nothing is ever being moved. */
public final class ListReassignmentsHandler implements ApiHandler {
    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public void handle(Request request) {
        request.answer(
                new ListPartitionReassignmentsResponse(
                        new ListPartitionReassignmentsResponseData()));
    }
}
