package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupListing;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;

/** ListGroups, filtered by state and type. */
public final class ListGroupsHandler implements ApiHandler {
    private final GroupCoordinator coordinator;

    public ListGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_GROUPS;
    }

    @Override
    public void handle(Request request) {
        ListGroupsRequestData asked = request.body(ListGroupsRequest.class).data();
        Set<String> states = anyCase(asked.statesFilter());
        Set<String> types = anyCase(asked.typesFilter());
        coordinator.list((groups, error) -> {
            var data = new ListGroupsResponseData().setErrorCode(GroupErrors.code(error));
            for (GroupListing group : groups) {
                String state = group.state().kafkaName();
                String type = group.type().kafkaName();
                if (matches(states, state) && matches(types, type)) {
                    data.groups()
                            .add(
                                    new ListedGroup()
                                            .setGroupId(group.id())
                                            .setProtocolType(group.protocolType())
                                            .setGroupState(state)
                                            .setGroupType(type));
                }
            }
            request.answer(new ListGroupsResponse(data));
        });
    }

    private static Set<String> anyCase(List<String> names) {
        var set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(names);
        return set;
    }

    private static boolean matches(Set<String> wanted, String value) {
        return wanted.isEmpty() || wanted.contains(value);
    }
}
