package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupListing;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.util.List;
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
        coordinator.list((groups, error) -> {
            var data = new ListGroupsResponseData().setErrorCode(GroupErrors.code(error));
            for (GroupListing group : groups) {
                String state = group.state().kafkaName();
                String type = group.type().kafkaName();
                if (matches(asked.statesFilter(), state) && matches(asked.typesFilter(), type)) {
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

    private static boolean matches(List<String> wanted, String value) {
        return wanted.isEmpty() || wanted.stream().anyMatch(value::equalsIgnoreCase);
    }
}
