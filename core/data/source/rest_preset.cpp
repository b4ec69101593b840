#include "core/data/source/rest_preset.h"

namespace perch::data {

namespace {

constexpr const char* kShopifyToken = "X-Shopify-Access-Token";

RestShape shopifyOrders() {
    return {.records = "/orders",
            .tokenHeader = kShopifyToken,
            .fields = {{"order_id", "/id"},
                       {"customer_id", "/customer/id"},
                       {"created_at", "/created_at"},
                       {"updated_at", "/updated_at"},
                       {"cancelled_at", "/cancelled_at"},
                       {"total_price", "/total_price"},
                       {"subtotal_price", "/subtotal_price"},
                       {"total_discounts", "/total_discounts"},
                       {"total_tax", "/total_tax"},
                       {"currency", "/currency"},
                       {"financial_status", "/financial_status"},
                       {"fulfillment_status", "/fulfillment_status"},
                       {"discount_code", "/discount_codes/0/code"},
                       {"source_name", "/source_name"},
                       {"shipping_country", "/shipping_address/country_code"}},
            .shopify = true};
}

RestShape shopifyCustomers() {
    return {.records = "/customers",
            .tokenHeader = kShopifyToken,
            .fields = {{"customer_id", "/id"},
                       {"email", "/email"},
                       {"created_at", "/created_at"},
                       {"updated_at", "/updated_at"},
                       {"orders_count", "/orders_count"},
                       {"total_spent", "/total_spent"},
                       {"state", "/state"},
                       {"verified_email", "/verified_email"},
                       {"tax_exempt", "/tax_exempt"},
                       {"currency", "/currency"},
                       {"tags", "/tags"},
                       {"email_consent", "/email_marketing_consent/state"},
                       {"country", "/default_address/country_code"},
                       {"city", "/default_address/city"}},
            .shopify = true};
}

} // namespace

Result<RestShape> shapeOf(const spec::RestSource& source) {
    RestShape shape;
    if (source.preset == "shopify-orders")
        shape = shopifyOrders();
    else if (source.preset == "shopify-customers")
        shape = shopifyCustomers();
    else if (!source.preset.empty())
        return fail(ErrorCode::InvalidInput,
                    "There is no preset \"{}\"; there are shopify-orders and shopify-customers.", source.preset);
    else
        shape = {.records = source.records, .fields = {source.fields.begin(), source.fields.end()}};
    if (!source.tokenHeader.empty())
        shape.tokenHeader = source.tokenHeader;
    return shape;
}

} // namespace perch::data
