package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.coordinator.QueueCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;

/** DeleteGroups: empty groups and all their offsets. */
public final class DeleteGroupsHandler implements ApiHandler {
    private final GroupCoordinator coordinator;
    private final QueueCoordinator queues;

    public DeleteGroupsHandler(GroupCoordinator coordinator, QueueCoordinator queues) {
        this.coordinator = coordinator;
        this.queues = queues;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_GROUPS;
    }

    @Override
    public void handle(Request request) {
        List<String> names =
                request.body(DeleteGroupsRequest.class).data().groupsNames().stream()
                        .distinct()
                        .toList();
        var results = new DeletableGroupResult[names.size()];
        var open = new AtomicInteger(names.size());
        if (names.isEmpty()) {
            answer(request, results);
        }
        for (int i = 0; i < results.length; i++) {
            int slot = i;
            coordinator.handle(
                    new GroupRequest.Delete(names.get(i)),
                    reply -> {
                        if (reply.error() == GroupError.NONE) {
                            String gone = names.get(slot);
                            queues.forget(key -> key.group().equals(gone));
                        }
                        results[slot] =
                                new DeletableGroupResult()
                                        .setGroupId(names.get(slot))
                                        .setErrorCode(GroupErrors.code(reply.error()));
                        if (open.decrementAndGet() == 0) {
                            answer(request, results);
                        }
                    });
        }
    }

    private static void answer(Request request, DeletableGroupResult[] results) {
        var data = new DeleteGroupsResponseData();
        for (DeletableGroupResult result : results) {
            data.results().add(result);
        }
        request.answer(new DeleteGroupsResponse(data));
    }
}
