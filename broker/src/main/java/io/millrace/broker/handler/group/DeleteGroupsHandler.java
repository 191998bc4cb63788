package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.peer.ShareMembership;
import io.millrace.broker.handler.queue.QueueDeletion;
import io.millrace.broker.wire.Request;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;

/** DeleteGroups: empty groups, all their offsets and their queues. */
public final class DeleteGroupsHandler implements ApiHandler {
    private final GroupCoordinator coordinator;
    private final ShareMembership members;
    private final QueueDeletion queues;

    public DeleteGroupsHandler(
            GroupCoordinator coordinator, ShareMembership members, QueueDeletion queues) {
        this.coordinator = coordinator;
        this.members = members;
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
            delete(
                    names.get(i),
                    error -> {
                        results[slot] =
                                new DeletableGroupResult()
                                        .setGroupId(names.get(slot))
                                        .setErrorCode(GroupErrors.code(error));
                        if (open.decrementAndGet() == 0) {
                            answer(request, results);
                        }
                    });
        }
    }

    /** A share group's queues go first: what is left of one would begin the next of its name. */
    private void delete(String group, Consumer<GroupError> then) {
        members.ask(
                group,
                standing -> {
                    if (standing.problemIfNotEmpty() != Errors.NONE) {
                        deleteGroup(group, then);
                        return;
                    }
                    queues.delete(
                            group,
                            key -> true,
                            outcome -> {
                                if (outcome.isComplete()) {
                                    deleteGroup(group, then);
                                } else {
                                    then.accept(GroupError.COORDINATOR_NOT_AVAILABLE);
                                }
                            });
                });
    }

    private void deleteGroup(String group, Consumer<GroupError> then) {
        coordinator.handle(new GroupRequest.Delete(group), reply -> then.accept(reply.error()));
    }

    private static void answer(Request request, DeletableGroupResult[] results) {
        var data =
                new DeleteGroupsResponseData()
                        .setResults(new DeletableGroupResultCollection(results.length + 1));
        for (DeletableGroupResult result : results) {
            data.results().add(result);
        }
        request.answer(new DeleteGroupsResponse(data));
    }
}
